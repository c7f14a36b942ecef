"""The login history on PostgreSQL: one partition a month, so that an old month goes in one step.

SQLite keeps it in one table, and all of this does nothing there.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select, text

MONTHS_AHEAD = 3
# Whatever belongs to no month that is there: a clock that jumps must not make a sign-in fail.
OTHER = "login_history_other"
CHORES_LOCK = 0x63686F72  # "chor": of many workers that tidy up at once, one does
LOCK_MILLISECONDS = 500  # sign-ins queue up behind whoever waits for a table; rather another time
WORK_MILLISECONDS = 1000

_NAME = re.compile(r"login_history_(\d{4})_(\d{2})")


def make_months(connection: Connection) -> None:
    """Make the partitions of this month and the next ones, by the database's clock.

    Rows of such a month that lie among the others move into it, and will go with it one day.
    """
    if not is_postgresql(connection) or not take_chores(connection):
        return
    present = set(_present(connection))
    for month in _months_from(database_time(connection), MONTHS_AHEAD + 1):
        if month not in present:
            _make(connection, month)


def drop_oldest_month(connection: Connection, *, before: datetime) -> str | None:
    """Drop one partition that ended before a moment; give its name, or `None` when there is none."""
    if not is_postgresql(connection) or not take_chores(connection):
        return None
    over = sorted(month for month in _present(connection) if _next(month) <= before)
    if not over:
        return None
    _limit_waits(connection)
    connection.execute(text(f"DROP TABLE {_name(over[0])}"))
    return _name(over[0])


def is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def take_chores(connection: Connection) -> bool:
    """Whether the chores are ours until the transaction ends. SQLite's transaction is the only writer anyway."""
    if not is_postgresql(connection):
        return True
    return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(CHORES_LOCK))))


def database_time(connection: Connection) -> datetime:
    """The time on the database's host."""
    found: datetime = connection.execute(select(func.now())).scalar_one()
    return found


def _make(connection: Connection, month: datetime) -> None:
    name, begin, end = _name(month), month.isoformat(), _next(month).isoformat()
    # Every text in these statements is a name of ours or made of a date.
    taken = f"DELETE FROM {OTHER} WHERE at >= '{begin}' AND at < '{end}' RETURNING *"  # noqa: S608
    _limit_waits(connection)
    for statement in (
        f"LOCK TABLE {OTHER} IN ACCESS EXCLUSIVE MODE",  # no further row of this month may arrive there
        f"CREATE TABLE {name} (LIKE login_history INCLUDING DEFAULTS)",
        f"WITH taken AS ({taken}) INSERT INTO {name} SELECT * FROM taken",  # noqa: S608
        f"ALTER TABLE login_history ATTACH PARTITION {name} FOR VALUES FROM ('{begin}') TO ('{end}')",
    ):
        connection.execute(text(statement))


def _limit_waits(connection: Connection) -> None:
    connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}"))
    connection.execute(text(f"SET LOCAL statement_timeout = {WORK_MILLISECONDS}"))


def _present(connection: Connection) -> Iterator[datetime]:
    partitions = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'login_history'::regclass"
    for name in connection.scalars(text(partitions)):
        if found := _NAME.fullmatch(name):
            yield datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC)


def _months_from(moment: datetime, count: int) -> Iterator[datetime]:
    month = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(count):
        yield month
        month = _next(month)


def _next(month: datetime) -> datetime:
    return (month + timedelta(days=31)).replace(day=1)


def _name(month: datetime) -> str:
    return f"login_history_{month:%Y_%m}"
