"""Bring the database to the schema that this code knows, or refuse to touch it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from sqlalchemy import Connection, insert, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.errors import TemporarilyUnavailable
from app.http.permissions import EVERY_PERMISSION
from app.ports.storage import SchemaState
from app.roles.model import SUPERUSER
from app.storage.sql.months import OTHER, is_postgresql, make_months
from app.storage.sql.tables import metadata, roles

MIGRATION_LOCK = 0x61757468  # "auth": of many processes that start together one migrates, the others wait
PATIENCE = timedelta(minutes=1)
# A statement that waits for a table lets everybody else wait behind it: rather another time.
TABLE_LOCK_TIMEOUT = "2s"
VERSION_TABLE = (  # as Alembic makes it
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
HEAD = "0001"  # the newest revision under `migrations/versions`; a test keeps it true


async def migrate(engine: AsyncEngine, *, patience: timedelta = PATIENCE) -> None:
    """Make the schema in an empty database, or apply the migrations that are missing: all or none.

    Args:
        patience: how long to wait for another process that is at it.

    Raises:
        SchemaUnknown: the database was written by a newer version.
        TemporarilyUnavailable: the database does not let us; the detail says why.
    """
    with _explained("the schema cannot be brought up to date now"):
        async with engine.begin() as connection:
            await connection.run_sync(_migrate, patience)


async def read_state(engine: AsyncEngine) -> SchemaState:
    """Where the schema stands. Changes nothing.

    Raises:
        SchemaUnknown, TemporarilyUnavailable: as above.
    """
    from app.storage.sql.revisions import pending_after  # noqa: PLC0415

    revision, server = await _look(engine)
    return SchemaState(server=server, revision=revision, pending=tuple(pending_after(revision)))


async def read_statements(engine: AsyncEngine) -> str:
    """The SQL that would bring the schema up to date.

    Raises:
        SchemaUnknown, TemporarilyUnavailable: as above.
    """
    from app.storage.sql.revisions import statements_after  # noqa: PLC0415

    revision, _ = await _look(engine)
    return statements_after(revision, dialect=engine.dialect.name)


async def _look(engine: AsyncEngine) -> tuple[str | None, str]:
    """The revision, and which server this is."""
    with _explained("the schema cannot be read"):
        async with engine.connect() as connection:
            version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
            return await connection.run_sync(_current_revision), f"{connection.dialect.name} {version}"


@contextmanager
def _explained(problem: str) -> Iterator[None]:
    """For the operator who sees it on a terminal: no caller is near, and a schema holds no values."""
    try:
        yield
    except DBAPIError as error:
        raise TemporarilyUnavailable(f"{problem}: {error.orig}") from error


def _migrate(connection: Connection, patience: timedelta) -> None:
    if _current_revision(connection) != HEAD:
        _wait_for_turn(connection, patience)
        _apply(connection, _current_revision(connection))
    # A table that is in use may refuse: rows without a month are kept apart until housekeeping makes it.
    with suppress(DBAPIError), connection.begin_nested():
        make_months(connection)


def _wait_for_turn(connection: Connection, patience: timedelta) -> None:
    if not is_postgresql(connection):  # SQLite's transaction is the only writer anyway
        return
    connection.execute(text(f"SET LOCAL lock_timeout = {int(patience.total_seconds() * 1000)}"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    connection.execute(text(f"SET LOCAL lock_timeout = '{TABLE_LOCK_TIMEOUT}'"))


def _apply(connection: Connection, current: str | None) -> None:
    if current is None:
        create(connection)
    elif current != HEAD:
        from app.storage.sql.revisions import upgrade  # noqa: PLC0415

        upgrade(connection, current)


def create(connection: Connection) -> None:
    """Make the newest schema at once; a test compares it with what the migrations make."""
    metadata.create_all(connection, checkfirst=False)
    if is_postgresql(connection):
        connection.execute(text(f"CREATE TABLE {OTHER} PARTITION OF login_history DEFAULT"))
    superuser = {"name": SUPERUSER, "title": "Superuser", "permissions": [EVERY_PERMISSION]}
    connection.execute(insert(roles).values(superuser))
    connection.execute(text(VERSION_TABLE))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


def _current_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found
