"""The schema: made at once or step by step, it is the same; a newer one is left alone."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.ports.storage import SchemaUnknown
from app.storage.sql.engine import open_engine
from app.storage.sql.schema import HEAD, create, migrate, upgrade
from app.tests.support.postgresql import PostgreSql


def describe(connection: Connection) -> list[Any]:
    """Every table and index by its statement, and what is in the tables from the start."""
    statements = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"))
    seeds = connection.execute(text("SELECT * FROM roles")).all()
    version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    found = sorted((name, _plain(sql)) for name, sql in statements if name != "alembic_version")
    return [found, seeds, version]


def _plain(sql: str) -> list[str]:
    """A statement's words in a fixed order, since constraints may be told in any."""
    return sorted(sql.replace(",", " ").split())


def test_the_migrations_make_what_an_empty_database_gets_at_once() -> None:
    with create_engine("sqlite://").begin() as at_once, create_engine("sqlite://").begin() as by_steps:
        create(at_once)
        upgrade(by_steps, None)

        assert describe(at_once) == describe(by_steps)
        assert describe(by_steps)[2] == HEAD


async def test_on_postgresql_they_make_the_same_too(postgresql: PostgreSql, tmp_path: Path) -> None:
    dumps = []
    for make in (create, lambda connection: upgrade(connection, None)):
        url = postgresql.fresh_database()
        engine = open_engine(url, tmp_path)
        async with engine.begin() as connection:
            await connection.run_sync(make)
            seeds = (await connection.execute(text("SELECT * FROM roles"))).all()
        await engine.dispose()
        dumps.append((postgresql.dump_schema(url), seeds))

    assert dumps[0] == dumps[1]
    assert "PARTITION BY RANGE (at)" in dumps[0][0]


@pytest.fixture
async def engine(tmp_path: Path) -> Any:
    opened = open_engine("", tmp_path)
    yield opened
    await opened.dispose()


async def test_a_second_start_changes_nothing(engine: AsyncEngine) -> None:
    await migrate(engine)
    async with engine.connect() as connection:
        before = await connection.run_sync(describe)

    await migrate(engine)

    async with engine.connect() as connection:
        assert await connection.run_sync(describe) == before


async def test_a_newer_schema_is_refused_and_left_alone(engine: AsyncEngine) -> None:
    """FS-26: no partial serving on a schema that this code does not know."""
    await migrate(engine)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(SchemaUnknown):
        await migrate(engine)

    async with engine.connect() as connection:
        assert (await connection.run_sync(describe))[2] == "9999"
