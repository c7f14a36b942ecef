"""A process that hashes, as the process that serves sees it."""

import asyncio
import json
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import structlog
from argon2 import Parameters

import app
from app.errors import TemporarilyUnavailable

MODULE = "app.accounts.hashing"
IMPORTED_FROM = str(Path(app.__file__).parents[1])

log = structlog.get_logger(__name__)


class HashingProcess(asyncio.Protocol):
    """Asks one process, which answers in the order of the questions.

    It is started by the first question, and again by the first one after its end. It ends with this process, however
    that ends. What it is asked is written ahead of its answers, so that it need not wait between two hashes.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._asked: deque[asyncio.Future[str | bool]] = deque()
        self._unsent: list[bytes] = []
        self._unread = b""
        self._starting: asyncio.Task[None] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._transport: asyncio.Transport | None = None

    @property
    def load(self) -> int:
        """How many answers are outstanding, also of those whom nobody waits for any more."""
        return len(self._asked)

    async def ask(self, request: Mapping[str, str | None]) -> str | bool:
        """What `hashing.answer` says.

        Raises:
            TemporarilyUnavailable: the process cannot be started, has ended before it answered, or has no memory.
        """
        answer = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        line = json.dumps(request).encode() + b"\n"
        if self._transport is None:
            self._unsent.append(line)
            self._starting = self._starting or asyncio.create_task(self._start())
        else:
            self._transport.write(line)
        return cast("str | bool", await answer)

    def close(self) -> None:
        """End the process; whoever still waits is told to come again."""
        if self._starting is not None:
            self._starting.cancel()
        if self._transport is not None:
            self._transport.abort()
        self._bury()

    async def _start(self) -> None:
        structlog.contextvars.unbind_contextvars("request_id")  # what becomes of the process is no part of that request
        try:
            ours, theirs = socket.socketpair()
            with ExitStack() as undo:
                undo.enter_context(ours)
                with theirs:
                    self._process = _spawn(theirs.fileno(), self._parameters)
                await asyncio.get_running_loop().create_unix_connection(lambda: self, sock=ours)
                undo.pop_all()
        except OSError as error:
            log.error("hashing.not_started", reason=error.strerror)
            self._bury()
        finally:
            self._starting = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.writelines(self._unsent)
        self._unsent.clear()

    def data_received(self, data: bytes) -> None:
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            answer, said = self._asked.popleft(), json.loads(line)
            if answer.done():  # whoever asked has gone
                continue
            if said is None:
                answer.set_exception(TemporarilyUnavailable("the password could not be hashed", retry_after=1))
            else:
                answer.set_result(said)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._process is not None:  # nobody has told it to end
            log.error("hashing.died", waiting=self.load)
            self._bury()

    def _bury(self) -> None:
        self._transport, self._unread = None, b""
        self._unsent.clear()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        while self._asked:
            answer = self._asked.popleft()
            if not answer.done():
                answer.set_exception(TemporarilyUnavailable("hashing was interrupted", retry_after=1))


def _spawn(file: int, given: Parameters) -> subprocess.Popen[bytes]:
    """Start a process that hashes.

    Of the environment, which has secrets in it, nothing is handed on. A group of its own keeps the terminal's Ctrl-C
    away.

    Args:
        file: what it reads and answers through.
    """
    cost = (given.memory_cost, given.time_cost, given.parallelism)
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-P", "-m", MODULE, *map(str, cost)],
        stdin=file,
        stdout=file,
        env={"PYTHONPATH": IMPORTED_FROM},
        process_group=0,
    )
