"""The login history on PostgreSQL: a partition for each month, and one for what belongs to none."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.errors import TemporarilyUnavailable
from app.storage.sql import months
from app.storage.sql.schema import migrate
from app.storage.sql.storage import SqlStorage
from app.tests.storage.events import add_events, add_user, read_history
from app.tests.support.postgresql import PostgreSql

YEAR = timedelta(days=365)


@pytest.fixture
def engine(postgresql_engine: AsyncEngine) -> AsyncEngine:
    return postgresql_engine


def month_after(moment: datetime, count: int) -> datetime:
    years, month = divmod(moment.year * 12 + moment.month - 1 + count, 12)
    return datetime(years, month + 1, 1, tzinfo=UTC)


def name_of(month: datetime) -> str:
    return f"login_history_{month.year}_{month.month:02}"


async def database_time(engine: AsyncEngine) -> datetime:
    async with engine.connect() as connection:
        return await connection.run_sync(months.database_time)


async def partitions(engine: AsyncEngine) -> set[str]:
    question = "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid AND relkind = 'r'"
    async with engine.connect() as connection:
        return set(await connection.scalars(text(question)))


async def places(engine: AsyncEngine) -> list[str]:
    """The partition of each event, in the order in which they were written."""
    async with engine.connect() as connection:
        return list(await connection.scalars(text("SELECT tableoid::regclass::text FROM login_history ORDER BY id")))


async def make_month(engine: AsyncEngine, month: datetime) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: months._make(sync, month))


async def test_this_month_and_the_next_three_are_there_from_the_start(engine: AsyncEngine) -> None:
    now = await database_time(engine)

    expected = {name_of(month_after(now, n)) for n in range(4)} | {"login_history_other"}
    assert await partitions(engine) == expected


async def test_making_them_again_changes_nothing(engine: AsyncEngine) -> None:
    before = await partitions(engine)

    await SqlStorage(engine).make_months()
    await migrate(engine)

    assert await partitions(engine) == before


async def test_a_month_begins_and_ends_at_midnight_in_utc(engine: AsyncEngine) -> None:
    storage = SqlStorage(engine)
    anna = await add_user(storage, datetime.now(UTC))
    next_month = month_after(await database_time(engine), 1)
    moment = timedelta(microseconds=1)

    await add_events(storage, anna, [next_month, month_after(next_month, 1) - moment, month_after(next_month, 1)])

    second, third = name_of(next_month), name_of(month_after(next_month, 1))
    assert await places(engine) == [second, second, third]


async def test_a_clock_that_jumps_makes_no_sign_in_fail(storage: SqlStorage, engine: AsyncEngine) -> None:
    """FS-23."""
    now = await database_time(engine)
    anna = await add_user(storage, now)

    events = await add_events(storage, anna, [now + 20 * YEAR, now - 20 * YEAR])

    assert await read_history(storage, anna) == events[::-1]
    assert await places(engine) == ["login_history_other"] * 2


async def test_a_month_that_is_made_late_takes_over_its_events(storage: SqlStorage, engine: AsyncEngine) -> None:
    soon = month_after(await database_time(engine), 2)
    async with engine.begin() as connection:
        await connection.execute(text(f"DROP TABLE {name_of(soon)}"))
    anna = await add_user(storage, soon)
    events = await add_events(storage, anna, [soon, soon + 20 * YEAR])

    await storage.make_months()

    assert await places(engine) == [name_of(soon), "login_history_other"]
    assert await read_history(storage, anna) == events[::-1]


async def test_a_month_goes_as_a_whole_when_all_of_it_is_too_old(storage: SqlStorage, engine: AsyncEngine) -> None:
    now = await database_time(engine)
    old, older, oldest = (month_after(now, -n) for n in (12, 13, 14))
    for month in (old, older, oldest):
        await make_month(engine, month)
    anna = await add_user(storage, now)
    last_moment = now - timedelta(seconds=1)
    events = await add_events(storage, anna, [oldest, older, old, last_moment])
    kept = now - old  # the last moment of the month before `old` is just old enough

    gone = await storage.forget_expired(now, history_kept=kept)

    assert gone == 0
    assert await read_history(storage, anna) == [events[3], events[2]]
    assert {name_of(older), name_of(oldest)}.isdisjoint(await partitions(engine))


async def test_a_clock_that_jumps_ahead_wipes_out_nothing(storage: SqlStorage, engine: AsyncEngine) -> None:
    """FS-23: what goes is gone, so both clocks must agree that it is old, ours and the database's."""
    now = await database_time(engine)
    anna = await add_user(storage, now)
    events = await add_events(storage, anna, [now])
    strangers = await add_events(storage, None, [now])
    before = await partitions(engine)

    gone = await storage.forget_expired(now + 100 * YEAR, history_kept=YEAR)

    assert (gone, await partitions(engine)) == (0, before)
    assert await read_history(storage, anna) == events
    assert len(await places(engine)) == len(events + strangers)


async def test_on_all_workers_at_once_there_is_one_effect(storage: SqlStorage, engine: AsyncEngine) -> None:
    """FS-35: months are made once and dropped once; nobody fails."""
    now = await database_time(engine)
    soon, old = month_after(now, 2), month_after(now, -14)
    await make_month(engine, old)
    async with engine.begin() as connection:
        await connection.execute(text(f"DROP TABLE {name_of(soon)}"))

    await asyncio.gather(*(storage.make_months() for _ in range(4)))
    await asyncio.gather(*(storage.forget_expired(now, history_kept=YEAR) for _ in range(4)))

    assert name_of(soon) in await partitions(engine)
    assert name_of(old) not in await partitions(engine)


async def test_a_table_in_use_is_left_for_another_time(storage: SqlStorage, engine: AsyncEngine) -> None:
    """HI-06: a backup reads for hours; sign-ins must not queue up behind somebody who waits for its end."""
    now = await database_time(engine)
    old = month_after(now, -14)
    await make_month(engine, old)
    anna = await add_user(storage, now)

    async with engine.connect() as backup:
        await backup.execute(text(f"LOCK TABLE {name_of(old)} IN ACCESS SHARE MODE"))
        tidying = asyncio.create_task(storage.forget_expired(now, history_kept=YEAR))
        signing_in = asyncio.create_task(add_events(storage, anna, [now]))
        with pytest.raises(TemporarilyUnavailable) as refused:
            await tidying
        await signing_in

    assert sqlstate(refused.value) == "55P03"  # it gave up by itself (lock_not_available), nobody had to stop it
    await storage.forget_expired(now, history_kept=YEAR)
    assert name_of(old) not in await partitions(engine)


async def test_a_table_in_use_keeps_no_worker_from_starting(storage: SqlStorage, engine: AsyncEngine) -> None:
    soon = month_after(await database_time(engine), 2)
    async with engine.begin() as connection:
        await connection.execute(text(f"DROP TABLE {name_of(soon)}"))

    async with engine.connect() as backup:
        await backup.execute(text("LOCK TABLE login_history_other IN ACCESS SHARE MODE"))
        await migrate(engine)

    assert name_of(soon) not in await partitions(engine)
    await storage.make_months()
    assert name_of(soon) in await partitions(engine)


def sqlstate(error: BaseException) -> str:
    cause = error.__cause__
    return str(getattr(getattr(cause, "orig", None), "sqlstate", None))


def explain(connection: Connection, statement: str, parameters: tuple[object, ...] = ()) -> str:
    return "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())


CROWD = """
    INSERT INTO users (id, locale, created_at) SELECT gen_random_uuid(), 'ru', now() FROM generate_series(1, 3000);
    INSERT INTO login_history (id, at, user_id, outcome, method, address, user_agent)
        SELECT gen_random_uuid(), now(), id, 'succeeded', 'password', '', '' FROM users;
"""
THE_BUSIEST = """
    INSERT INTO login_history (id, at, user_id, outcome, method, address, user_agent)
        SELECT gen_random_uuid(), now(), '{user_id}', 'succeeded', 'password', '', '' FROM generate_series(1, 3000);
"""


async def test_a_page_costs_a_few_events_however_many_the_account_has(
    storage: SqlStorage, engine: AsyncEngine, postgresql: PostgreSql
) -> None:
    """HI-04: also where the planner believes that nobody has more than one, and would sort them."""
    async with engine.connect() as connection:
        url = postgresql.address_of(str(await connection.scalar(text("SELECT current_database()"))))
    postgresql.execute(url, CROWD + "ANALYZE")
    anna = await add_user(storage, datetime.now(UTC))
    postgresql.execute(url, THE_BUSIEST.format(user_id=anna))
    asked: list[tuple[str, tuple[object, ...]]] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda _, __, *asking: asked.append(asking[:2]))

    async with storage.transaction() as tx:
        newest = await tx.history.of_user(anna, limit=20)
        await tx.history.of_user(anna, limit=20, before=newest[-1].id)
        await tx.history.appearances(anna, limit=50)
        plans = [await tx._connection.run_sync(explain, *each) for each in asked[:]]

    assert len(plans) == 3
    assert all("Merge Append" in plan and plan.count("Index Scan Backward using") == 5 for plan in plans)
    assert all("Index Cond: ((user_id >= (InitPlan" in plan and "ROW(user_id, id) < ROW(" in plan for plan in plans)
