"""Transactions on the SQL database: the repositories of every domain over one connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.errors import TemporarilyUnavailable
from app.ports.storage import UniqueViolation, WriteConflict
from app.storage.sql.accounts import SqlMailTokens, SqlUsers
from app.storage.sql.mail import SqlOutbox, SqlRecipients
from app.storage.sql.months import make_months
from app.storage.sql.retention import forget
from app.storage.sql.roles import SqlRoles
from app.storage.sql.sessions import SqlLoginHistory, SqlSessions, SqlSigningKeys
from app.storage.sql.social import SqlSocialAccounts

CONFLICTS = {"40001", "40P01"}  # serialization_failure, deadlock_detected: PostgreSQL says to run it again


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
    def social_accounts(self) -> SqlSocialAccounts:
        return SqlSocialAccounts(self._connection)

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

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlTransaction]:
        async with translated_errors(), self._engine.begin() as connection:
            yield SqlTransaction(connection)

    async def make_months(self) -> None:
        """Give the login history its next months, where the database keeps it by month."""
        async with translated_errors(), self._engine.begin() as connection:
            await connection.run_sync(make_months)

    async def forget_expired(self, now: datetime, *, history_kept: timedelta) -> int:
        """Remove what can have no effect any more, and what has been kept long enough.

        Returns:
            How many rows went. Safe to run anywhere at any time.
        """
        async with translated_errors():
            return await forget(self._engine, now, history_kept=history_kept)

    async def ping(self) -> None:
        """Raises: TemporarilyUnavailable, when the database does not answer."""
        async with translated_errors(), self._engine.connect() as connection:
            await connection.exec_driver_sql("SELECT 1")


@asynccontextmanager
async def translated_errors() -> AsyncIterator[None]:
    """Say in the words of the ports what the database says in its own; its texts hold values."""
    try:
        yield
    except IntegrityError:
        raise UniqueViolation from None
    except DBAPIError as error:
        raise (WriteConflict if _is_conflict(error) else TemporarilyUnavailable) from error
    except (PoolTimeout, OSError) as error:
        raise TemporarilyUnavailable from error


def _is_conflict(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in CONFLICTS
