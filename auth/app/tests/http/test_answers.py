"""How answers leave, whatever is in them."""

import asyncio
from pathlib import Path
from typing import Any

from litestar.routes import HTTPRoute
from uvicorn.server import ServerState

from app.cli.crowd import Crowd
from app.cli.protocol import Protocol
from app.cli.server import configure
from app.main import create_app
from app.tests.support.raw import request
from app.tests.support.service import settings_for_test


class Written(asyncio.Transport):
    """A connection of which is known what was written at once."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: asyncio.Queue[bytes] = asyncio.Queue()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.pieces.put_nowait(bytes(data))

    def is_closing(self) -> bool:
        return False


async def test_an_answer_leaves_in_one_piece(tmp_path: Path) -> None:
    """Its head and its body; else each costs a call of the system, a packet and the caller's waking up."""
    config = configure(create_app(settings_for_test(tmp_path / "data")))
    protocol, transport = Protocol(Crowd(), config=config, server_state=ServerState(), app_state={}), Written()
    protocol.connection_made(transport)

    protocol.data_received(request("GET", "/nowhere"))
    piece = await transport.pieces.get()

    assert piece.startswith(b"HTTP/1.1 404 ")
    assert piece.endswith(b"}")


def test_nothing_that_a_route_asks_for_becomes_a_task(tmp_path: Path) -> None:
    """All of it is at hand: provided one after the other it takes a fraction of the time."""
    outermost: Any = create_app(settings_for_test(tmp_path / "data"))
    routes = [route for route in outermost.app.app.routes if isinstance(route, HTTPRoute)]
    models = [model for route in routes for _, model in route.route_handler_map.values()]

    assert any(len(model.dependency_batches) > 1 for model in models)
    assert {len(batch) for model in models for batch in model.dependency_batches} == {1}
