"""The database as the code sees it, and as SQLite is told to keep it."""

from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.storage.sql import schema
from app.storage.sql.schema import HEAD
from app.storage.sql.tables import metadata


async def test_the_database_is_as_the_tables_describe_it(engine: AsyncEngine) -> None:
    def compare(connection: Connection) -> Any:
        # A month of the login history is as the table that it is a part of.
        parts = {"include_name": lambda name, kind, _: kind != "table" or not name.startswith("login_history_")}
        return compare_metadata(MigrationContext.configure(connection, opts=parts), metadata)

    async with engine.connect() as connection:
        assert await connection.run_sync(compare) == []


def test_the_newest_migration_is_the_one_that_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


async def test_an_acknowledged_write_is_on_the_disk(engine: AsyncEngine) -> None:
    """FS-20: a commit waits for the disk; SQLite also checks references, which PostgreSQL always does."""
    is_sqlite = engine.dialect.name == "sqlite"
    questions = ("PRAGMA synchronous", "PRAGMA foreign_keys") if is_sqlite else ("SHOW synchronous_commit",)

    async with engine.connect() as connection:
        found = [await connection.scalar(text(question)) for question in questions]

    assert found == ([2, 1] if is_sqlite else ["on"])
