"""What the running service does besides answering."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from app.bootstrap import Services
from app.errors import AppError

INTERVAL = timedelta(hours=1)

log = structlog.get_logger(__name__)


@asynccontextmanager
async def housekeeping(services: Services) -> AsyncIterator[None]:
    """Clean up once an hour until the block is left."""
    task = asyncio.create_task(_clean_up_regularly(services))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def clean_up(services: Services) -> int:
    """Remove expired rows; on a failure leave them to the next time."""
    try:
        gone = await services.storage.forget_expired(services.sessions.clock.now())
    except AppError as error:
        log.warning("housekeeping.postponed", problem=error.code)
        return 0
    log.info("housekeeping.finished", rows=gone)
    return gone


async def _clean_up_regularly(services: Services) -> None:
    while True:
        await clean_up(services)
        await asyncio.sleep(INTERVAL.total_seconds())
