"""Bring the database to the schema that this code knows, or refuse to touch it."""

from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, insert, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.http.permissions import EVERY_PERMISSION
from app.ports.storage import SchemaUnknown
from app.roles.model import SUPERUSER
from app.storage.sql.months import OTHER, is_postgresql, make_months
from app.storage.sql.tables import metadata, roles

MIGRATION_LOCK = 0x61757468  # "auth": of many workers that start together one migrates, the others wait
VERSION_TABLE = (  # as Alembic makes it
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
HEAD = "0001"  # the newest revision under `migrations/versions`; a test keeps it true


async def migrate(engine: AsyncEngine) -> None:
    """Make the schema in an empty database, or apply the migrations that are missing: all or none.

    Raises:
        SchemaUnknown: the database was written by a newer version.
    """
    async with engine.begin() as connection:
        await connection.run_sync(_migrate)


def _migrate(connection: Connection) -> None:
    if is_postgresql(connection):  # SQLite's transaction is the only writer anyway
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    current = _current_revision(connection)
    if current is None:
        create(connection)
    elif current != HEAD:
        upgrade(connection, current)
    # A table that is in use may refuse: rows without a month are kept apart until housekeeping makes it.
    with suppress(DBAPIError), connection.begin_nested():
        make_months(connection)


def create(connection: Connection) -> None:
    """Make the newest schema at once; a test compares it with what the migrations make."""
    metadata.create_all(connection, checkfirst=False)
    if is_postgresql(connection):
        connection.execute(text(f"CREATE TABLE {OTHER} PARTITION OF login_history DEFAULT"))
    superuser = {"name": SUPERUSER, "title": "Superuser", "permissions": [EVERY_PERMISSION]}
    connection.execute(insert(roles).values(superuser))
    connection.execute(text(VERSION_TABLE))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


def upgrade(connection: Connection, current: str | None) -> None:
    """Apply the migrations after `current`; without one, all of them.

    Raises:
        SchemaUnknown: no migration here is called `current`.
    """
    # Imported here: Alembic costs every other start 0.2 s, and the process 12 MB for good.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise SchemaUnknown("the database was written by a newer version of this service")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _current_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found
