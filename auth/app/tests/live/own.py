"""A service of the tests' own, for when they are not told of another: the same process as in production."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from app.settings import BASE_PATH, Settings
from app.tests.live.target import Target
from app.tests.support.process import started
from app.tests.support.terminal import AUTH_FOLDER, environment
from emulator.apps import environment as settings_of_emulator


@contextmanager
def own_service(folder: Path) -> Iterator[Target]:
    """Run the service and offline social networks until the block is left."""
    with _emulator() as emulator, asyncio.Runner() as runner:
        given = {**settings_of_emulator(emulator), "AUTH_ARGON2_MEMORY_KIB": "8"}
        starting = started(folder, **given)
        process = runner.run(starting.__aenter__())
        try:
            _allow_redirects(emulator, process.url)
            variables = environment(folder / "data", AUTH_PUBLIC_URL=process.url, **given)
            yield Target(url=process.url, settings=Settings.read(variables), variables=variables)
        finally:
            runner.run(starting.__aexit__(None, None, None))


@contextmanager
def _emulator() -> Iterator[str]:
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0", "--exit-with-parent"]
    with subprocess.Popen(
        command, cwd=AUTH_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.stdin.close()


def _allow_redirects(emulator: str, url: str) -> None:
    arguments = json.dumps({"redirect_base": f"{url}{BASE_PATH}/oauth/authorize"}).encode()
    request = Request(f"{emulator}/control/allow_redirects", arguments, {"Content-Type": "application/json"})
    with urlopen(request) as answer:
        assert answer.status == 200
