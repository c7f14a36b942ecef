"""Blocks that are no transactions, or make one of a single call: they spare questions to the database."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.storage.sql.storage import SqlStorage
from app.tests.storage.accounts import ANNA, NOW, add, find, new_user


async def test_a_block_that_reads_sees_what_is_committed(storage: SqlStorage) -> None:
    user = await add(storage, new_user())

    async with storage.reading() as tx:
        assert await tx.users.get(user.id) == user


async def test_a_block_that_reads_cannot_write(storage: SqlStorage) -> None:
    user = new_user()

    async def write() -> None:
        async with storage.reading() as tx:
            await tx.users.add(user, email_key=ANNA.key)

    with pytest.raises(RuntimeError, match="must neither write nor lock"):
        await write()
    assert await find(storage, user.id) is None


async def test_a_block_that_reads_cannot_lock(postgresql_engine: AsyncEngine) -> None:
    """Whoever comes next would not wait for it. SQLite locks no rows: there they wait for the only connection."""
    storage = SqlStorage(postgresql_engine)
    user = await add(storage, new_user())

    async def lock() -> None:
        async with storage.reading() as tx:
            await tx.users.lock(user.id)

    with pytest.raises(RuntimeError, match="must neither write nor lock"):
        await lock()


@pytest.mark.parametrize("kind", ["reading", "single"])
async def test_such_a_block_begins_no_transaction_and_the_next_one_does(
    kind: str, postgresql_engine: AsyncEngine
) -> None:
    """They share their connections, one after the other."""
    storage, states = SqlStorage(postgresql_engine), []
    user = await add(storage, new_user())
    for block in (getattr(storage, kind), storage.transaction):
        async with block() as tx:
            await tx.users.get(user.id)
            states += await states_of_connections(postgresql_engine)

    assert states == ["idle", "idle in transaction"]


async def test_a_block_of_a_single_call_keeps_what_was_written(storage: SqlStorage) -> None:
    user = new_user()

    async with storage.single() as tx:
        await tx.users.add(user, email_key=ANNA.key)

    assert await find(storage, user.id) == user


async def test_after_a_single_call_there_is_no_other(postgresql_engine: AsyncEngine) -> None:
    """Nothing would undo the first one if the second one failed."""
    storage = SqlStorage(postgresql_engine)
    user = await add(storage, new_user())

    async def ask_twice() -> None:
        async with storage.single() as tx:
            await tx.users.get(user.id)
            await tx.users.set_blocked(user.id, at=NOW)

    for _ in range(2):  # on the same connection
        with pytest.raises(RuntimeError, match="must ask once"):
            await ask_twice()
    assert await find(storage, user.id) == user


async def states_of_connections(engine: AsyncEngine) -> list[str]:
    """Of all others that lead to the same database."""
    asked = "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    async with engine.connect() as connection:
        return list((await connection.execute(text(asked))).scalars())
