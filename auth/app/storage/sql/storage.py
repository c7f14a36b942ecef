"""Transactions on the SQL database: the repositories of every domain over one connection."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cached_property
from weakref import WeakSet

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.ports.conflicts import rerun_on_conflict
from app.storage.sql.accounts import SqlMailTokens, SqlUsers
from app.storage.sql.begin import begin
from app.storage.sql.clients import SqlClients
from app.storage.sql.consents import SqlConsents
from app.storage.sql.mail import SqlOutbox, SqlRecipients
from app.storage.sql.months import make_months
from app.storage.sql.retention import forget
from app.storage.sql.roles import SqlRoles
from app.storage.sql.sessions import SqlLoginHistory, SqlSessions, SqlSigningKeys
from app.storage.sql.social import SqlSocialAccounts
from app.storage.sql.transfer import SqlTransfer

TRANSACTION_SECONDS = 2


class SqlTransaction:
    """One transaction, with a repository per kind of thing."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    @cached_property
    def users(self) -> SqlUsers:
        return SqlUsers(self._connection)

    @cached_property
    def mail_tokens(self) -> SqlMailTokens:
        return SqlMailTokens(self._connection)

    @cached_property
    def consents(self) -> SqlConsents:
        return SqlConsents(self._connection)

    @cached_property
    def social_accounts(self) -> SqlSocialAccounts:
        return SqlSocialAccounts(self._connection)

    @cached_property
    def transfer(self) -> SqlTransfer:
        return SqlTransfer(self._connection)

    @cached_property
    def sessions(self) -> SqlSessions:
        return SqlSessions(self._connection)

    @cached_property
    def history(self) -> SqlLoginHistory:
        return SqlLoginHistory(self._connection)

    @cached_property
    def keys(self) -> SqlSigningKeys:
        return SqlSigningKeys(self._connection)

    @cached_property
    def clients(self) -> SqlClients:
        return SqlClients(self._connection)

    @cached_property
    def roles(self) -> SqlRoles:
        return SqlRoles(self._connection)

    @cached_property
    def outbox(self) -> SqlOutbox:
        return SqlOutbox(self._connection)

    @cached_property
    def recipients(self) -> SqlRecipients:
        return SqlRecipients(self._connection)


class SqlStorage:
    """`ports.storage.Storage` on an engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._reading = _without_begin(engine, _refuse_to_write)
        self._single = _without_begin(engine, _Once())
        # SQLite has no network that could keep silent; its transactions wait for each other in one queue.
        self._patience = TRANSACTION_SECONDS if engine.dialect.name == "postgresql" else None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlTransaction]:
        async with begin(self._engine, patience_seconds=self._patience) as connection:
            yield SqlTransaction(connection)

    @asynccontextmanager
    async def single(self) -> AsyncIterator[SqlTransaction]:
        async with begin(self._single, patience_seconds=self._patience, commits_itself=True) as connection:
            yield SqlTransaction(connection)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqlTransaction]:
        async with begin(self._reading, patience_seconds=self._patience) as connection:
            yield SqlTransaction(connection)

    @rerun_on_conflict
    async def make_months(self) -> None:
        """Give the login history its next months, where the database keeps it by month."""
        async with begin(self._engine) as connection:
            await connection.run_sync(make_months)

    async def forget_expired(self, now: datetime, *, history_kept: timedelta) -> int:
        """Remove what can have no effect any more, and what has been kept long enough.

        Returns:
            How many rows went. Safe to run anywhere at any time.
        """
        return await forget(self._engine, now, history_kept=history_kept)

    @rerun_on_conflict
    async def ping(self) -> None:
        """Raises: TemporarilyUnavailable, when the database does not answer."""
        async with begin(self._engine) as connection:
            await connection.exec_driver_sql("SELECT 1")


def _without_begin(engine: AsyncEngine, look: Callable[..., None]) -> AsyncEngine:
    """The same connections, without a transaction where beginning one is a question to another machine.

    Args:
        look: at each statement, before it leaves.
    """
    options = {"isolation_level": "AUTOCOMMIT"} if engine.dialect.name == "postgresql" else {}
    bare = engine.execution_options(**options)
    event.listen(bare.sync_engine, "before_cursor_execute", look)
    return bare


def _refuse_to_write(_: object, __: object, statement: str, *___: object) -> None:
    """Nothing would undo it, and a lock would be gone at once."""
    if not statement.startswith(("SELECT ", "BEGIN ")) or " FOR " in statement:  # SQLite's blocks always begin
        raise RuntimeError("a block that reads must neither write nor lock")


class _Once:
    """Refuses a second statement where the first has been committed: nothing would undo that."""

    def __init__(self) -> None:
        self._used: WeakSet[Connection] = WeakSet()

    def __call__(self, connection: Connection, *_: object) -> None:
        if connection in self._used and connection.dialect.name == "postgresql":
            raise RuntimeError("a block of a single call must ask once")
        self._used.add(connection)
