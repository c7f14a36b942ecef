"""The service with several workers, and the stores that it needs for them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.tests.support.postgresql import PostgreSql
from app.tests.support.process import OPEN, Process, started
from app.tests.support.redis import RedisServer


@pytest.fixture
def stores(postgresql: PostgreSql, redis: RedisServer) -> dict[str, str]:
    """The settings for empty stores that several processes can share."""
    return {"AUTH_DATABASE_URL": postgresql.fresh_database(), "AUTH_REDIS_URL": redis.fresh_database()}


@pytest.fixture
async def pair(tmp_path: Path, stores: dict[str, str]) -> AsyncIterator[Process]:
    """The service with two workers that are both ready."""
    async with started(tmp_path, AUTH_WORKERS="2", **OPEN, **stores) as process:
        await process.logged("service.started", times=2)
        yield process
