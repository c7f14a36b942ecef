"""The web server itself, in the test's own event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from app.cli.seats import Seat
from app.cli.server import Server, configure
from app.http.health import Life
from app.main import create_app
from app.tests.support.process import PATIENCE_SECONDS, until
from app.tests.support.service import free_socket, settings_for_test


@asynccontextmanager
async def server_in_this_loop(folder: Path, seat: Seat | None = None) -> AsyncIterator[tuple[Server, socket.socket]]:
    """A server of which each step can be taken by itself, and where it listens."""
    seat = seat or Seat.several(1)[0]
    with free_socket() as listener:
        listener.setblocking(False)
        config = configure(create_app(settings_for_test(folder)))
        server = Server(config, Life(), drain_seconds=0, prepare=partial(asyncio.sleep, 0), seat=seat)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await until(lambda: server.started)
        try:
            yield server, listener
        finally:
            server.should_exit = True
            await asyncio.wait_for(serving, PATIENCE_SECONDS)
