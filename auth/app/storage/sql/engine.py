"""Connections to SQLite or PostgreSQL, set up so that a commit survives a power cut."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.storage.sql.postgresql import open_postgresql

CONNECTIONS = 10
SQLITE_BUSY_MILLISECONDS = 2000


@asynccontextmanager
async def unhurried_engine(database_url: str, data_dir: Path) -> AsyncIterator[AsyncEngine]:
    """An engine for work that nobody waits for: a statement may take its time."""
    engine = open_engine(database_url, data_dir, hurried=False)
    try:
        yield engine
    finally:
        await engine.dispose()


def open_engine(database_url: str, data_dir: Path, *, hurried: bool = True) -> AsyncEngine:
    """Open an engine; connections are made at first use.

    Args:
        database_url: `postgresql://…`; empty for SQLite in the data folder.
        hurried: give up a statement that takes longer than callers can wait.
    """
    if database_url:
        return open_postgresql(database_url, connections=CONNECTIONS, hurried=hurried)
    return _open_sqlite(URL.create("sqlite+aiosqlite", database=str(data_dir / "auth.sqlite3")))


def _open_sqlite(url: URL) -> AsyncEngine:
    # SQLite has one writer. One connection makes transactions wait in a fair queue of ours instead of
    # colliding in SQLite's; the wait is bounded, then the caller is told to come back.
    engine = create_async_engine(
        url, pool_size=1, max_overflow=0, pool_timeout=5, connect_args={"isolation_level": None}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: DBAPIConnection, _: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_MILLISECONDS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # what was acknowledged survives a power cut
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # a read that turns into a write cannot deadlock

    return engine
