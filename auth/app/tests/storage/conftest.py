"""The stores that the contract suites run on: every suite on every adapter."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.ports.ephemeral import Ephemeral
from app.ports.tokens import TokenStore
from app.redis_address import read_redis_address
from app.storage.memory.ephemeral import MemoryEphemeral
from app.storage.redis.client import RedisClient
from app.storage.redis.ephemeral import RedisEphemeral
from app.storage.redis.token_store import RedisTokenStore
from app.storage.sql.engine import open_engine
from app.storage.sql.schema import migrate
from app.storage.sql.storage import SqlStorage
from app.storage.sql.token_store import SqlTokenStore
from app.tests.support.clock import ManualClock
from app.tests.support.postgresql import PostgreSql
from app.tests.support.redis import RedisServer
from app.tests.support.redis_cluster import RedisCluster


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with sql_engine(request, tmp_path) as opened:
        yield opened


@pytest.fixture
async def postgresql_engine(postgresql: PostgreSql, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """The same on PostgreSQL, for what SQLite does not have."""
    opened = open_engine(postgresql.fresh_database(), tmp_path)
    await migrate(opened)
    yield opened
    await opened.dispose()


@pytest.fixture
def storage(engine: AsyncEngine) -> SqlStorage:
    return SqlStorage(engine)


@pytest.fixture(params=["sqlite", "postgresql", "redis", "cluster"])
async def tokens(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TokenStore]:
    """An empty token store."""
    async with AsyncExitStack() as stack:
        if request.param in {"redis", "cluster"}:
            client = await stack.enter_async_context(redis_client(request))
            yield RedisTokenStore(client, StoppedClock())
        else:
            yield SqlTokenStore(await stack.enter_async_context(sql_engine(request, tmp_path)))


@pytest.fixture(params=["memory", "redis", "cluster"])
async def ephemeral(request: pytest.FixtureRequest, clock: ManualClock) -> AsyncIterator[Ephemeral]:
    """An empty store of one-time values."""
    if request.param == "memory":
        yield MemoryEphemeral(clock)
        return
    async with redis_client(request) as client:
        yield RedisEphemeral(client, clock)


@asynccontextmanager
async def redis_client(request: pytest.FixtureRequest) -> AsyncIterator[RedisClient]:
    """Redis as the test's parameter says: one server, or a cluster of three."""
    kind = "redis" if request.param == "redis" else "redis_cluster"
    server: RedisServer | RedisCluster = request.getfixturevalue(kind)
    client = RedisClient(read_redis_address(server.fresh_database()))
    yield client
    await client.close()


@asynccontextmanager
async def sql_engine(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[AsyncEngine]:
    """An empty database of the newest schema, of the kind of the test's parameter."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgresql").fresh_database()
    opened = open_engine(url, folder)
    await migrate(opened)
    yield opened
    await opened.dispose()


class StoppedClock:
    """The moment at which the token states of these tests begin."""

    def now(self) -> datetime:
        return datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
