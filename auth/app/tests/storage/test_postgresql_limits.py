"""How long the service waits for PostgreSQL, and PostgreSQL for the service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.errors import TemporarilyUnavailable
from app.ports.storage import WriteConflict
from app.storage.sql.begin import begin
from app.storage.sql.engine import open_engine
from app.storage.sql.schema import migrate
from app.storage.sql.storage import SqlStorage
from app.tests.storage.events import add_user
from app.tests.support.postgresql import PostgreSql
from app.tests.support.proxy import Proxy

pytestmark = pytest.mark.outage


@asynccontextmanager
async def opened(url: str, folder: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(url, folder)
    yield engine
    await engine.dispose()


async def ask(engine: AsyncEngine, *names: str) -> list[str]:
    async with begin(engine) as connection:
        return [str(await connection.scalar(text(f"SHOW {name}"))) for name in names]


async def test_the_server_gives_up_before_the_service_does(postgresql: PostgreSql, tmp_path: Path) -> None:
    names = ("statement_timeout", "idle_in_transaction_session_timeout", "application_name")

    async with opened(postgresql.fresh_database(), tmp_path) as engine:
        assert await ask(engine, *names) == ["1500ms", "5s", "cinema-auth"]


async def test_what_the_address_says_of_the_session_goes_first(postgresql: PostgreSql, tmp_path: Path) -> None:
    url = postgresql.fresh_database() + "&statement_timeout=700&search_path=pg_catalog"

    async with opened(url, tmp_path) as engine:
        assert await ask(engine, "statement_timeout", "search_path") == ["700ms", "pg_catalog"]


async def test_whoever_stands_still_in_a_transaction_lets_go_of_its_locks(
    postgresql: PostgreSql, tmp_path: Path
) -> None:
    """FS-04: a process that is stopped for half a minute must not keep the others waiting."""
    url = postgresql.fresh_database() + "&idle_in_transaction_session_timeout=50"
    async with opened(url, tmp_path) as engine:
        await migrate(engine)
        storage = SqlStorage(engine)
        anna = await add_user(storage, datetime.now(UTC))

        async def stand_still() -> None:
            async with storage.transaction() as tx:
                await tx.users.lock(anna)
                async with storage.transaction() as other:
                    assert await other.users.lock(anna) is not None  # waits until the first one has lost it
                await tx.users.delete(anna)

        with pytest.raises(WriteConflict):
            await stand_still()

        async with storage.transaction() as tx:
            assert await tx.users.get(anna) is not None


@pytest.fixture
async def proxied(postgresql: PostgreSql, tmp_path: Path) -> AsyncIterator[tuple[Proxy, AsyncEngine]]:
    """A database, and the proxy on the way to it."""
    url = postgresql.fresh_database()
    async with (
        Proxy.before(postgresql.socket) as proxy,
        opened(PostgreSql.by_proxy(url, proxy.port), tmp_path) as engine,
    ):
        yield proxy, engine


async def test_a_connection_from_which_nothing_comes_back_is_given_up(proxied: tuple[Proxy, AsyncEngine]) -> None:
    proxy, engine = proxied
    connections = []

    async def fall_silent() -> None:
        async with begin(engine) as connection:
            await connection.execute(text("SELECT 1"))
            connections.append((await connection.get_raw_connection()).driver_connection)
            proxy.black_hole()
            await connection.execute(text("SELECT 1"))

    with pytest.raises(TemporarilyUnavailable):
        await fall_silent()

    assert [each.is_closed() for each in connections if each] == [True]
    await proxy.heal()
    assert await ask(engine, "server_encoding") == ["UTF8"]


async def test_whoever_waits_for_a_free_connection_is_told_to_come_back(postgresql: PostgreSql, tmp_path: Path) -> None:
    """FS-16."""
    async with opened(postgresql.fresh_database(), tmp_path) as engine:
        enough = asyncio.Barrier(11)

        async def occupy() -> None:
            async with begin(engine) as connection:
                await connection.execute(text("SELECT 1"))
                await enough.wait()
                await done.wait()

        done = asyncio.Event()
        occupying = [asyncio.create_task(occupy()) for _ in range(10)]
        await enough.wait()
        with pytest.raises(TemporarilyUnavailable):
            await ask(engine, "server_encoding")
        done.set()
        await asyncio.gather(*occupying)

        assert await ask(engine, "server_encoding") == ["UTF8"]
