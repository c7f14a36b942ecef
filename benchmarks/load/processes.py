"""Programs that are measured: started, watched and ended, each by its own id."""

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.accounts.hashing_process import MODULE as HASHING

PATIENCE_SECONDS = 60
ASKING_SECONDS = 0.005  # between two looks whether a server answers, and so how exactly its start is timed
REST_SECONDS = 2
STOP_SECONDS = 25
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Of several processes together, in MB; shared pages count once in `pss`, in each process in `rss`.

    With each counts what hashes for it.

    Attributes:
        largest: the PSS of the largest of them.
    """

    pss: float
    rss: float
    largest: float

    @classmethod
    def now(cls, pids: Sequence[int]) -> "Memory":
        return cls._total(pids, _rollup)

    @classmethod
    def most(cls, pids: Sequence[int]) -> "Memory":
        """Since each was started. What it shares with others is taken as it is now.

        The system keeps the peak of the RSS by itself; to ask for the PSS while others are served makes them wait.
        """
        return cls._total(pids, _at_peak)

    @classmethod
    def at_rest(cls, program: "Program") -> "Memory":
        """Of a server that has just started and has not been asked anything."""
        program.run_on(REST_SECONDS)  # no server, in Python or Node, tells when its work of the start is over
        return cls.now(program.workers)

    @classmethod
    def _total(cls, pids: Sequence[int], measure: Callable[[int], tuple[float, float]]) -> "Memory":
        families = [[measure(member) for member in _family(pid)] for pid in pids]
        pss = [sum(pss for pss, _ in family) for family in families]
        return cls(pss=sum(pss), rss=sum(rss for family in families for _, rss in family), largest=max(pss))


def _rollup(pid: int) -> tuple[float, float]:
    """PSS and RSS of a process in MB."""
    return _megabytes(pid, "smaps_rollup", "Pss"), _megabytes(pid, "smaps_rollup", "Rss")


def _at_peak(pid: int) -> tuple[float, float]:
    pss, rss = _rollup(pid)
    most = _megabytes(pid, "status", "VmHWM")
    return pss + most - rss, most


def _megabytes(pid: int, file: str, name: str) -> float:
    lines = Path(f"/proc/{pid}/{file}").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def is_hashing(pid: int) -> bool:
    return HASHING.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()


def _family(pid: int) -> list[int]:
    """A process and those that hash for it."""
    return [pid, *filter(is_hashing, children_of(pid))]


def cpu_seconds(pids: Sequence[int]) -> float:
    """What processes, and those that hash for them, have computed so far, in user and in system time."""
    total = 0
    for member in [member for pid in pids for member in _family(pid)]:
        fields = Path(f"/proc/{member}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


@dataclass(kw_only=True)
class Program:
    """A running server.

    Attributes:
        started_in: seconds from the start of the process to its first answer 200.
    """

    url: str
    handle: subprocess.Popen[bytes]
    started_in: float = 0

    @property
    def workers(self) -> list[int]:
        """The processes that serve: the children, or the process itself when it has none but those that hash."""
        pid = self.handle.pid
        return [child for child in children_of(pid) if not is_hashing(child)] or [pid]

    def run_on(self, seconds: float) -> None:
        """Wait so long, or until the program has ended."""
        with suppress(subprocess.TimeoutExpired):
            self.handle.wait(seconds)


@contextmanager
def running(
    arguments: Sequence[str], *, port: int, probe: str, folder: Path, environment: Mapping[str, str], log: Path
) -> Iterator[Program]:
    """Start a server, wait until its probe is answered with 200, and end it in the end."""
    url = f"http://127.0.0.1:{port}"
    began = time.monotonic()
    with log.open("ab") as output:
        # A session of its own: Ctrl-C reaches this script, which then ends what it started.
        handle = subprocess.Popen(
            arguments,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    program = Program(url=url, handle=handle)
    try:
        _wait_for(program, probe, log)
        program.started_in = time.monotonic() - began
        yield program
    finally:
        end(handle)


def end(handle: subprocess.Popen[bytes]) -> None:
    """Ask a process to stop, and end it when it does not."""
    handle.terminate()
    try:
        handle.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        handle.kill()
        handle.wait()


def _wait_for(program: Program, probe: str, log: Path) -> None:
    latest = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < latest and program.handle.poll() is None:
        with suppress(OSError), urllib.request.urlopen(program.url + probe, timeout=2) as answer:
            if answer.status == 200:
                return
        program.run_on(ASKING_SECONDS)
    raise SystemExit(f"{log.stem} does not start: {log.read_text(encoding='utf-8')[-2000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
