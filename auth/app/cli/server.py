"""The web server of one process: uvicorn, with a stop that no request notices."""

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable
from functools import partial
from types import FrameType
from typing import Any, cast

import uvicorn

from app.cli.acceptor import Acceptor
from app.cli.crowd import Crowd
from app.cli.protocol import Protocol
from app.cli.seats import Seat
from app.http.health import Life

GRACE_SECONDS = 15  # longer than the longest wait for a provider, so that a stop finishes what it has
# Longer than the minute after which balancers give up an unused connection: it is theirs to close, so that
# none of them sends a request down a connection that is being closed here.
KEEP_ALIVE_SECONDS = 75
NEWCOMER_SECONDS = 1
CLOSE = (b"connection", b"close")

Prepare = Callable[[], Awaitable[object]]


def configure(app: Any) -> uvicorn.Config:
    """How uvicorn serves. What it imports for that is imported here, before processes are forked."""
    config = uvicorn.Config(
        app,
        http=partial(Protocol, Crowd()),  # type: ignore[arg-type]
        access_log=False,  # one line of our own for each request, without the query
        log_level="error",  # its warnings are about what callers send
        server_header=False,
        proxy_headers=False,  # http/client.py knows whom to believe
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ws="none",
    )
    config.load()
    config.get_loop_factory()
    return config


class Server(uvicorn.Server):
    """Serves until the first SIGINT or SIGTERM has been obeyed; a second one ends the process at once.

    From the first one on `/readyz` answers 503 and every answer asks its connection to close, while new
    connections are still accepted: a balancer that asks every other second has time to choose another
    instance. Then what has begun is finished.

    Args:
        life: what `/readyz` looks at.
        drain_seconds: how long to go on accepting.
        prepare: what to do before anything is opened, such as waiting for it; what it raises ends the process.
        seat: that of this process among the workers.
    """

    def __init__(self, config: uvicorn.Config, life: Life, *, drain_seconds: int, prepare: Prepare, seat: Seat) -> None:
        super().__init__(config)
        self.life = life
        self.drain_seconds = drain_seconds
        self._prepare = prepare
        self._seat = seat
        self._ends_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self._prepare()
        await super().startup([])
        self._acceptor = Acceptor(
            sockets or (), self._make_protocol, connections=self.server_state.connections, seat=self._seat
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Before the start nothing has begun. What was acknowledged is on the disk at any time.
        if self.life.stopping or not self.started:
            os._exit(128 + sig)
        self.stop()

    def stop(self) -> None:
        """Stop as after a signal."""
        self.life.stopping = True
        self.end_in(self.drain_seconds)

    def end_in(self, seconds: float) -> None:
        """Go on for this time, without letting anybody expect more of a connection than one answer."""
        # What answers carry now, and what the next second's headers are made of.
        for headers in (self.server_state.default_headers, self.config.encoded_headers):
            if CLOSE not in headers:
                headers.append(CLOSE)
        self._ends_at = time.monotonic() + seconds

    def accept_no_more(self) -> None:
        self._acceptor.close()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: is it time to end?"""
        should_end = await super().on_tick(counter)
        return should_end or (self._ends_at is not None and time.monotonic() >= self._ends_at)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more, hear those who came last, and finish what has begun."""
        await self._acceptor.finish()
        latest = time.monotonic() + NEWCOMER_SECONDS
        while self._has_newcomers() and time.monotonic() < latest:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(NEWCOMER_SECONDS / 50)
        await super().shutdown()

    def _make_protocol(self) -> Protocol:
        make: Callable[..., Any] = self.config.http_protocol_class
        return cast(
            "Protocol",
            make(
                config=self.config,
                server_state=self.server_state,
                app_state=self.lifespan.state,
                on_lost=self._acceptor.tell,
            ),
        )

    def _has_newcomers(self) -> bool:
        """Whether somebody has connected whose first request is still on its way: it would be lost."""
        return any(isinstance(each, Protocol) and each.cycle is None for each in self.server_state.connections)


def listen(host: str, port: int) -> list[socket.socket]:
    """Take the address, so that nobody else can; connections are refused until somebody accepts them.

    Raises:
        OSError: somebody else has it, or it is none of this machine.
    """
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return [_bind(family, address) for family, _, _, _, address in dict.fromkeys(found)]


def _bind(family: int, address: tuple[Any, ...]) -> socket.socket:
    # Named as TCP, so that asyncio switches Nagle's algorithm off: else many an answer comes 40 ms late.
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # the other family has a socket of its own
    taken.bind(address)
    taken.setblocking(False)
    return taken
