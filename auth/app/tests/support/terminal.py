"""Commands run as people and scripts run them."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

from app.tests.support import stores

AUTH_FOLDER = Path(__file__).parents[3]
PATIENCE_SECONDS = 30


def run(data_dir: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command without a terminal, as a script does."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=AUTH_FOLDER,
        env=environment(data_dir, **variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def environment(data_dir: Path, **variables: str) -> dict[str, str]:
    """This process's environment with settings for a test and nothing left over from the developer's."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AUTH_")}
    cheap = {
        "AUTH_DATA_DIR": str(data_dir),
        **{f"AUTH_{name}".upper(): url.value for name, url in stores.settings_of_stores(data_dir).items()},
        "AUTH_ARGON2_MEMORY_KIB": "8",
        "AUTH_ARGON2_TIME_COST": "1",
    }
    return clean | cheap | variables


class Terminal:
    """A command with a person at its terminal."""

    def __init__(self, data_dir: Path, *command: str, **variables: str) -> None:
        variables = environment(data_dir, **variables)
        self._process, self._terminal = pty.fork()
        if self._process == 0:
            os.chdir(AUTH_FOLDER)
            os.execve(sys.executable, [sys.executable, "-m", *command], variables)
        self.shown = ""

    def answer(self, question: str, text: str) -> None:
        """Wait until a question is on the screen, then type the answer."""
        self._read_until(question)
        os.write(self._terminal, (text + "\n").encode())

    def wait(self) -> int:
        """Read what is still shown; give the exit code."""
        self._read_until(None)
        _, status = os.waitpid(self._process, 0)
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(status)

    def _read_until(self, text: str | None) -> None:
        deadline, start = time.monotonic() + PATIENCE_SECONDS, len(self.shown)
        while text is None or text not in self.shown[start:]:
            readable, _, _ = select.select([self._terminal], [], [], deadline - time.monotonic())
            assert readable, f"{text!r} was never shown, but: {self.shown[start:]!r}"
            try:
                self.shown += os.read(self._terminal, 4096).decode()
            except OSError:  # the command has ended
                assert text is None, f"ended before {text!r}: {self.shown[start:]!r}"
                return
