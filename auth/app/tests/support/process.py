"""The service as operators run it: a process of its own, which can be killed."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from app.settings import BASE_PATH
from app.tests.support.terminal import AUTH_FOLDER, environment
from app.tests.support.viewer import Viewer

PATIENCE_SECONDS = 30


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

    def lines(self) -> list[dict[str, Any]]:
        """What was logged; every line has to be one JSON object."""
        return [dict(json.loads(line)) for line in self.output.read_text(encoding="utf-8").splitlines()]


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
