"""What the running service does besides answering: it delivers mail and cleans up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from app.bootstrap import Services
from app.errors import AppError
from app.mail.deliver import BATCH, MailServices, deliver_due

CLEANING_INTERVAL = timedelta(hours=1)
MAIL_INTERVAL = timedelta(seconds=1)

log = structlog.get_logger(__name__)


@asynccontextmanager
async def housekeeping(services: Services) -> AsyncIterator[None]:
    """Work in the background until the block is left."""
    tasks = [asyncio.create_task(_repeat(lambda: clean_up(services), CLEANING_INTERVAL))]
    if services.mail is not None:
        mail = services.mail
        tasks.append(asyncio.create_task(_repeat(lambda: deliver_all(mail), MAIL_INTERVAL)))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def clean_up(services: Services) -> int:
    """Remove expired rows."""
    gone = await services.storage.forget_expired(services.sessions.clock.now())
    log.info("housekeeping.finished", rows=gone)
    return gone


async def deliver_all(mail: MailServices) -> None:
    """Deliver batch after batch until nothing is due."""
    while await deliver_due(mail) == BATCH:
        pass


async def _repeat(work: Callable[[], Awaitable[object]], interval: timedelta) -> None:
    """Do it for ever. A failure leaves the work to the next time, whatever failed."""
    while True:
        try:
            await work()
        except AppError as error:
            log.warning("housekeeping.postponed", problem=error.code)
        except Exception as error:  # noqa: BLE001 - one broken row must not end all later work
            log.error("housekeeping.failed", error=type(error).__name__)
        await asyncio.sleep(interval.total_seconds())
