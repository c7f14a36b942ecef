"""The stores that the contract suites run on: every suite on every adapter."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.ports.ephemeral import Ephemeral
from app.ports.tokens import TokenStore
from app.storage.memory.ephemeral import MemoryEphemeral
from app.storage.sql.engine import open_engine
from app.storage.sql.schema import migrate
from app.storage.sql.storage import SqlStorage
from app.storage.sql.token_store import SqlTokenStore
from app.tests.support.clock import ManualClock
from app.tests.support.postgresql import PostgreSql


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The setting that leads to an empty database of each kind; empty for SQLite."""
    if request.param == "sqlite":
        return ""
    server: PostgreSql = request.getfixturevalue("postgresql")
    return server.fresh_database()


@pytest.fixture
async def engine(database_url: str, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """An empty database of the newest schema."""
    opened = open_engine(database_url, tmp_path)
    await migrate(opened)
    yield opened
    await opened.dispose()


@pytest.fixture
def storage(engine: AsyncEngine) -> SqlStorage:
    return SqlStorage(engine)


@pytest.fixture(params=["sql"])
def tokens(request: pytest.FixtureRequest, engine: AsyncEngine) -> TokenStore:
    """An empty token store."""
    return SqlTokenStore(engine)


@pytest.fixture(params=["memory"])
def ephemeral(request: pytest.FixtureRequest, clock: ManualClock) -> Ephemeral:
    """An empty store of one-time values."""
    return MemoryEphemeral(clock)
