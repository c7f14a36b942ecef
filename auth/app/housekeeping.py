"""What the running service does besides answering: it delivers mail and cleans up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog

from app.bootstrap import Services
from app.errors import AppError
from app.mail.deliver import BATCH, MailServices, deliver_due

STOP_SECONDS = 5  # for what has begun; a mail that takes longer leaves again when its lease has run out
CLEANING_INTERVAL = timedelta(hours=1)
MAIL_INTERVAL = timedelta(seconds=1)
KEYS_INTERVAL = timedelta(minutes=1)

log = structlog.get_logger(__name__)


@asynccontextmanager
async def housekeeping(services: Services) -> AsyncIterator[None]:
    """Work in the background until the block is left; then finish what has begun."""
    stop = asyncio.Event()
    chores = (services.storage.make_months, lambda: clean_up(services))
    tasks = [asyncio.create_task(_repeat(chore, CLEANING_INTERVAL, stop)) for chore in chores]
    # Who has served nobody for a while has the keys at hand too, should the database go away.
    tasks.append(asyncio.create_task(_repeat(services.sessions.keys.current, KEYS_INTERVAL, stop)))
    if services.mail is not None:
        mail = services.mail
        tasks.append(asyncio.create_task(_repeat(lambda: deliver_all(mail, stop), MAIL_INTERVAL, stop)))
    try:
        yield
    finally:
        stop.set()
        _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def clean_up(services: Services) -> int:
    """Remove what has expired or been kept long enough."""
    kept = services.settings.history_retention
    gone = await services.storage.forget_expired(services.sessions.clock.now(), history_kept=kept)
    log.info("housekeeping.finished", rows=gone)
    return gone


async def deliver_all(mail: MailServices, stop: asyncio.Event) -> None:
    """Deliver batch after batch until nothing is due."""
    while not stop.is_set() and await deliver_due(mail, stop) == BATCH:
        pass


async def _repeat(work: Callable[[], Awaitable[object]], interval: timedelta, stop: asyncio.Event) -> None:
    """Do it again and again. A failure leaves the work to the next time, whatever failed."""
    while not stop.is_set():
        try:
            await work()
        except AppError as error:
            log.warning("housekeeping.postponed", problem=error.code)
        except Exception as error:  # noqa: BLE001 - one broken row must not end all later work
            log.error("housekeeping.failed", error=type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), interval.total_seconds())
