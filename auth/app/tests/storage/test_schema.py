"""The schema: made at once or step by step, it is the same; a newer one is left alone."""

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.errors import TemporarilyUnavailable
from app.ports.storage import SchemaUnknown
from app.storage.sql.engine import open_engine, unhurried_engine
from app.storage.sql.revisions import upgrade
from app.storage.sql.schema import HEAD, MIGRATION_LOCK, create, migrate
from app.tests.support.postgresql import PostgreSql
from app.tests.support.terminal import AUTH_FOLDER


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


HALF_WAY = "CREATE TABLE user_roles (id INTEGER)"  # stands in the way of one of the last steps


@pytest.mark.parametrize("make", [create, lambda connection: upgrade(connection, None)], ids=["at-once", "by-steps"])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_migration_that_fails_half_way_leaves_nothing_behind(
    kind: str, make: Any, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """FS-26."""
    url = request.getfixturevalue("postgresql").fresh_database() if kind == "postgresql" else ""
    opened = open_engine(url, tmp_path)
    async with opened.begin() as connection:
        await connection.execute(text(HALF_WAY))

    with pytest.raises(DBAPIError):
        async with opened.begin() as connection:
            await connection.run_sync(make)

    async with opened.connect() as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == ["user_roles"]
    await opened.dispose()


async def test_whoever_migrates_is_waited_for_but_not_for_ever(postgresql: PostgreSql, tmp_path: Path) -> None:
    url = postgresql.fresh_database()
    async with unhurried_engine(url, tmp_path) as first, unhurried_engine(url, tmp_path) as second:
        async with first.begin() as at_it:
            await at_it.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            with pytest.raises(TemporarilyUnavailable, match="lock timeout"):
                await migrate(second, patience=timedelta(milliseconds=50))
            waiting = asyncio.create_task(migrate(second))
            while postgresql.execute(url, "SELECT count(*) FROM pg_locks WHERE NOT granted") == "0":
                assert not waiting.done()
                await asyncio.sleep(0)
            await at_it.run_sync(create)
        await waiting

    assert postgresql.execute(url, "SELECT version_num FROM alembic_version") == HEAD


async def test_who_needs_no_migration_waits_for_nobody(postgresql: PostgreSql, tmp_path: Path) -> None:
    """While a newer version migrates for minutes, processes of this one go on starting."""
    url = postgresql.fresh_database()
    async with unhurried_engine(url, tmp_path) as first, unhurried_engine(url, tmp_path) as second:
        await migrate(first)
        async with first.begin() as at_it:
            await at_it.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))

            await migrate(second, patience=timedelta(milliseconds=1))


async def test_a_migration_may_take_its_time(postgresql: PostgreSql, tmp_path: Path) -> None:
    """FS-25: it is no request, whose statements are given up after a second and a half."""
    async with unhurried_engine(postgresql.fresh_database(), tmp_path) as engine, engine.connect() as connection:
        assert await connection.scalar(text("SHOW statement_timeout")) == "0"
        await connection.execute(text("SELECT pg_sleep(2.2)"))  # longer than the service waits for an answer


MIGRATE = """
import asyncio, pathlib, sys
from app.storage.sql.engine import unhurried_engine
from app.storage.sql.schema import migrate

async def main():
    async with unhurried_engine(sys.argv[1], pathlib.Path(sys.argv[2])) as engine:
        sys.stdin.readline()
        await migrate(engine)

print("ready", flush=True)
asyncio.run(main())
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_of_four_processes_that_start_on_an_empty_database_one_makes_the_schema(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue("postgresql").fresh_database() if kind == "postgresql" else ""
    command = [sys.executable, "-c", MIGRATE, url, str(tmp_path)]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(command, cwd=AUTH_FOLDER, text=True, stdin=pipe, stdout=pipe, stderr=pipe) for _ in range(4)
    ]
    said = [process.stdout.readline() for process in processes if process.stdout]

    for process in processes:  # at a go, now that all have come so far
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    complaints = [process.communicate(timeout=60)[1] for process in processes]
    assert said == ["ready\n"] * 4
    assert ([process.returncode for process in processes], complaints) == ([0] * 4, [""] * 4)
