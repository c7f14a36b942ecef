"""Take due mails out of the outbox and hand them to the mail server."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from app.errors import TemporarilyUnavailable
from app.mail.compose import render
from app.mail.model import OutgoingMail
from app.mail.repository import MailTransaction
from app.ports.clock import Clock
from app.ports.conflicts import rerun_on_conflict
from app.ports.mailer import Mailer, MailRefused, MailServerAway
from app.ports.storage import Storage

BATCH = 10
LEASE = timedelta(minutes=5)  # longer than a whole batch with a mail server that hangs at every mail
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=30)
OUTCOME_PAUSE_SECONDS = 0.5  # between two tries to write what became of a mail
LIFE = timedelta(hours=24)  # most links in mails are dead by then, and news is old

Outcome = Callable[[], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class MailServices:
    """What delivery works with."""

    storage: Storage[MailTransaction]
    mailer: Mailer
    clock: Clock


async def deliver_due(services: MailServices, stop: asyncio.Event | None = None) -> int:
    """Try every mail of one batch once; when the mail server is away, none after the first that finds it so.

    The lease is taken before and the outcome written after the try, so of several workers one sends a
    mail; a crash in between sends it again, as the same message with the same link.

    Args:
        stop: once it is set, the mails that have not been tried yet are given back for others to send.

    Returns:
        How many mails were tried; a full batch means that more may be due.
    """
    until = services.clock.now() + LEASE
    due = await _lease(services, until)
    for number, mail in enumerate(due):
        if services.clock.now() >= until:  # this process was halted: by now others may have sent the rest
            log.warning("mail.lease_ran_out", mails=len(due) - number)
            break
        if stop is not None and stop.is_set():
            await _give_back(services, due[number:])
            break
        try:
            outcome = await _try(services, mail)
        except MailServerAway as error:
            log.warning("mail.server_away", error=str(error), mails=len(due) - number)
            rest = _later(due[number:], services.clock.now())
            await _write(partial(_put_off, services, rest), services.clock, until, stop)
            return number + 1
        await _write(outcome, services.clock, until, stop)
    return len(due)


@rerun_on_conflict
async def _lease(services: MailServices, until: datetime) -> Sequence[OutgoingMail]:
    async with services.storage.transaction() as tx:
        return await tx.outbox.lease(BATCH, at=services.clock.now(), until=until)


def next_attempt(mail: OutgoingMail, now: datetime) -> datetime | None:
    """When to try again after a failure: later each time; `None` when it is too late."""
    pause = min(FIRST_PAUSE * 2 ** min(mail.attempts, 16), LONGEST_PAUSE)  # bounded: a timedelta overflows
    return now + pause if now + pause < mail.created_at + LIFE else None


def _later(mails: Sequence[OutgoingMail], now: datetime) -> list[tuple[OutgoingMail, datetime | None]]:
    return [(mail, next_attempt(mail, now)) for mail in mails]


async def _try(services: MailServices, mail: OutgoingMail) -> Outcome:
    """Hand the mail over; give what then is to be written.

    Raises:
        MailServerAway: nobody could be asked.
    """
    try:
        await services.mailer.deliver(render(mail), message_id=mail.id, written_at=mail.created_at)
    except MailRefused:
        return partial(_put_off, services, [(mail, None)])
    except MailServerAway:
        raise
    except Exception as error:  # noqa: BLE001 - a mail that cannot even be written must not keep the others back
        log.warning("mail.failed", mail_id=str(mail.id), error=type(error).__name__)
        return partial(_put_off, services, _later([mail], services.clock.now()))
    return partial(_mark_sent, services, mail)


async def _write(outcome: Outcome, clock: Clock, until: datetime, stop: asyncio.Event | None) -> None:
    """Write what became of a mail, also when the database is away for a while: else it would be sent again.

    The mails after it wait as well. They are leased, so nobody else could send them sooner.
    """
    while True:
        try:
            return await outcome()
        except TemporarilyUnavailable:
            if clock.now() >= until or (stop is not None and stop.is_set()):
                raise
        await asyncio.sleep(OUTCOME_PAUSE_SECONDS)


@rerun_on_conflict
async def _mark_sent(services: MailServices, mail: OutgoingMail) -> None:
    async with services.storage.transaction() as tx:
        await tx.outbox.sent(mail.id, at=services.clock.now())
    log.info("mail.sent", mail_id=str(mail.id), template=mail.template.value)


@rerun_on_conflict
async def _give_back(services: MailServices, mails: Sequence[OutgoingMail]) -> None:
    async with services.storage.transaction() as tx:
        await tx.outbox.release(mails, at=services.clock.now())


@rerun_on_conflict
async def _put_off(services: MailServices, mails: Sequence[tuple[OutgoingMail, datetime | None]]) -> None:
    """Write when each is to be tried again; without a moment it never is."""
    async with services.storage.transaction() as tx:
        for mail, again in mails:
            if again is None:
                await tx.outbox.give_up(mail, at=services.clock.now())
            else:
                await tx.outbox.retry(mail, at=again)
    for mail, again in mails:
        event = "mail.given_up" if again is None else "mail.postponed"
        log.warning(event, mail_id=str(mail.id), template=mail.template.value, attempts=mail.attempts + 1)
