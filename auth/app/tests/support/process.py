"""The service as operators run it: a process of its own, which can be killed."""

import asyncio
import json
import re
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from app.accounts.hashing_process import MODULE as HASHING
from app.settings import BASE_PATH
from app.tests.support.terminal import AUTH_FOLDER, environment
from app.tests.support.viewer import Viewer

PATIENCE_SECONDS = 100
KEYS = "/.well-known/jwks.json"
# One public address: it stands in the tokens, the port of a start does not.
OPEN = {"AUTH_REQUIRE_CONFIRMED_EMAIL": "false", "AUTH_PUBLIC_URL": "http://auth.example"}
_PID = re.compile(r"""\bpid"?[=:] ?(\d+)""")


@dataclass(frozen=True, kw_only=True)
class Process:
    """A running `python -m app serve`. What it prints goes to a file."""

    url: str
    handle: subprocess.Popen[bytes]
    output: Path

    @asynccontextmanager
    async def viewer(self, **headers: str) -> AsyncIterator[Viewer]:
        async with Viewer.open(self.url + BASE_PATH, headers) as viewer:
            yield viewer

    def kill(self) -> None:
        """As a power cut does: no handler runs, nothing is flushed."""
        self.handle.kill()
        self.handle.wait()

    def tell(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.handle.send_signal(number)

    async def end(self) -> int:
        """Wait until it has ended by itself; give the exit code."""
        return await asyncio.to_thread(self.handle.wait, PATIENCE_SECONDS)

    async def status(self, path: str) -> tuple[int, str]:
        """Ask over a connection of its own; give the status and what the answer says about the connection."""
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as answer:
            return answer.status, answer.headers.get("Connection", "")

    async def refuses_connections(self) -> bool:
        try:
            await self.status("/livez")
        except aiohttp.ClientConnectionError:
            return True
        return False

    async def logged(self, event: str, *, times: int = 1) -> None:
        """Wait until an event stands in the log so many times."""
        await until(lambda: len(self.pids(event)) >= times)

    def pids(self, event: str) -> list[int]:
        """Which worker logged each occurrence of an event, or was spoken of; 0 for the only process."""
        lines = [line for line in self.output.read_text(encoding="utf-8").splitlines() if event in line]
        found = [_PID.search(line) for line in lines]
        return [int(match[1]) if match else 0 for match in found]

    def lines(self) -> list[dict[str, Any]]:
        """What was logged; every line has to be one JSON object."""
        return [dict(json.loads(line)) for line in self.output.read_text(encoding="utf-8").splitlines()]


def is_running(pid: int) -> bool:
    """Whether a process does anything; one that nobody has buried does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state) and not state.startswith("Z")


def hashing_pids(parent: int) -> list[int]:
    """The processes in which a process hashes."""
    children = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(parent)], capture_output=True, text=True, check=False
    )
    return [int(line.split()[0]) for line in children.stdout.splitlines() if HASHING in line]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what nobody tells: what another process has written, or whether it is still there."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.02)  # the pace of looking


@contextmanager
def no_more_files(pid: int) -> Iterator[None]:
    """Let a process open no more than it has open until the block is left."""
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    taken = {int(each.name) for each in Path(f"/proc/{pid}/fd").iterdir()}
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (min({*range(len(taken) + 1)} - taken), limits[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)


@asynccontextmanager
async def started(folder: Path, **variables: str) -> AsyncIterator[Process]:
    """Start the service on the data in a folder and wait until it answers; kill it at the end."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    given = {"AUTH_PORT": str(port), "AUTH_PUBLIC_URL": url, "AUTH_RATE_LIMITS": "false", **variables}
    process = _start(folder, url, given)
    try:
        await asyncio.wait_for(_answer(process), PATIENCE_SECONDS)
        yield process
    finally:
        process.kill()


def _start(folder: Path, url: str, variables: dict[str, str]) -> Process:
    output = folder / "output.txt"
    with output.open("ab") as sink:
        handle = subprocess.Popen(
            [sys.executable, "-m", "app", "serve"],
            cwd=AUTH_FOLDER,
            env=environment(folder / "data", **variables),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
        )
    return Process(url=url, handle=handle, output=output)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _answer(process: Process) -> None:
    async with aiohttp.ClientSession() as session:
        while True:
            assert process.handle.poll() is None, process.output.read_text(encoding="utf-8")
            try:
                async with session.get(process.url + "/livez"):
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.02)  # the pace of asking; what is waited for is the answer
