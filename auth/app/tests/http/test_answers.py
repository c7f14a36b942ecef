"""How answers leave, whatever is in them."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from litestar.routes import HTTPRoute

from app.main import create_app
from app.tests.support.raw import request
from app.tests.support.service import Service, settings_for_test


async def test_an_answer_leaves_in_one_piece(service: Service) -> None:
    """Its head and its body; else each costs a call of the system, a packet and the caller's waking up."""
    parts = urlsplit(service.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    for _ in range(50):
        writer.write(request("GET", "/livez"))

        piece = await reader.read(65_536)

        assert piece.endswith(b"}")
    writer.close()


def test_nothing_that_a_route_asks_for_becomes_a_task(tmp_path: Path) -> None:
    """All of it is at hand: provided one after the other it takes a fraction of the time."""
    outermost: Any = create_app(settings_for_test(tmp_path / "data"))
    routes = [route for route in outermost.app.app.routes if isinstance(route, HTTPRoute)]
    models = [model for route in routes for _, model in route.route_handler_map.values()]

    assert any(len(model.dependency_batches) > 1 for model in models)
    assert {len(batch) for model in models for batch in model.dependency_batches} == {1}
