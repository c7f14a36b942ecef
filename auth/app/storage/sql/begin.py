"""A transaction in the words of the ports: what the database says in its own may quote values."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.errors import TemporarilyUnavailable
from app.ports.storage import UniqueViolation, WriteConflict
from app.storage.sql.postgresql import READ_ONLY

CONFLICTS = {"40001", "40P01"}  # serialization_failure, deadlock_detected: PostgreSQL says to run it again

log = structlog.get_logger(__name__)


@asynccontextmanager
async def begin(
    engine: AsyncEngine, *, patience_seconds: float | None = None, commits_itself: bool = False
) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction: committed on clean exit, undone on any error.

    Args:
        patience_seconds: for everything together: a free connection, each statement, the commit.
        commits_itself: each statement that writes does.

    Raises:
        WriteConflict: another transaction was in the way, or the connection was lost before the commit.
        TemporarilyUnavailable: anything else that the database, or the way to it, has.
    """
    is_committing = commits_itself
    try:
        async with asyncio.timeout(patience_seconds), engine.connect() as connection:
            yield connection
            is_committing = True
            await connection.commit()
    except IntegrityError:
        raise UniqueViolation from None
    except DBAPIError as error:
        if _is_undone(error, is_committing=is_committing):
            raise WriteConflict from error
        raise _unavailable(error) from error
    except (PoolTimeout, OSError) as error:
        raise _unavailable(error) from error


def _is_undone(error: DBAPIError, *, is_committing: bool) -> bool:
    """Whether nothing was kept for certain, and another try may go better.

    A connection that is lost while it commits leaves open what became of the transaction.
    """
    sqlstate = _sqlstate(error)
    return sqlstate in CONFLICTS or (error.connection_invalidated and not is_committing and sqlstate != READ_ONLY)


def _unavailable(error: Exception) -> TemporarilyUnavailable:
    log.warning("database.failed", error=type(error).__name__, sqlstate=_sqlstate(error))
    return TemporarilyUnavailable()


def _sqlstate(error: Exception) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)
