"""Mail leaves the outbox once, whatever the mail server does."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from app.bootstrap import open_services
from app.housekeeping import deliver_all, housekeeping
from app.mail.compose import new_mail
from app.mail.deliver import BATCH, FIRST_PAUSE, LEASE, MailServices, deliver_due
from app.mail.model import Recipient, Template
from app.mail.smtp import SmtpMailer
from app.ports.mailer import Message
from app.settings import EmailSettings
from app.storage.sql.storage import SqlStorage
from app.storage.sql.tables import outbox
from app.tests.support.clock import ManualClock
from app.tests.support.mail_server import MailServer
from app.tests.support.service import free_socket, run_service, settings_for_test

LINK = "https://auth.example/auth/api/v1/email/confirm#token=only-for-anna"
SENDER = "Кинотеатр <auth@cinema.example>"


def delivery(
    storage: SqlStorage, clock: ManualClock, server: MailServer, tls: Literal["none", "starttls"] = "none"
) -> MailServices:
    mailer = SmtpMailer(host="127.0.0.1", port=server.port, user="", password="", sender=SENDER, tls=tls)
    return MailServices(storage=storage, mailer=mailer, clock=clock)


async def write_mails(storage: SqlStorage, clock: ManualClock, count: int = 1, *, domain: str = "example.ru") -> None:
    async with storage.transaction() as tx:
        for number in range(count):
            recipient = Recipient(email=f"anna{number}@{domain}", locale="ru")
            mail = new_mail(Template.CONFIRM_EMAIL, recipient, at=clock.now(), values={"link": LINK})
            await tx.outbox.add(mail)


async def deliver_everything(services: MailServices) -> None:
    while await deliver_due(services):
        pass


async def test_a_mail_arrives_as_text_and_html_from_the_configured_sender(
    storage: SqlStorage, clock: ManualClock, up: MailServer
) -> None:
    await write_mails(storage, clock)

    await deliver_everything(delivery(storage, clock, up))

    (mail,) = up.taken
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert (mail["To"], mail["Subject"], mail["Auto-Submitted"]) == (
        "anna0@example.ru",
        "Подтвердите адрес почты",
        "auto-generated",
    )
    assert (str(mail["From"]), mail["Message-ID"].endswith("@cinema.example>")) == (SENDER, True)
    assert mail["Date"].datetime == clock.now().replace(microsecond=0)
    assert text is not None
    assert html is not None
    assert LINK in text.get_content()
    assert LINK in html.get_content()


async def test_a_mail_to_a_domain_for_tests_goes_nowhere(
    storage: SqlStorage, clock: ManualClock, up: MailServer
) -> None:
    """Whoever tries a running service bothers nobody, and brings its sender no bounces."""
    await write_mails(storage, clock, domain="Viewers.TEST")
    await write_mails(storage, clock, domain="viewers.test.example.ru")

    await deliver_everything(delivery(storage, clock, up))

    assert [mail["To"] for mail in up.taken] == ["anna0@viewers.test.example.ru"]
    async with storage.transaction() as tx:
        assert list(await tx.outbox.newest(10)) == []


async def test_what_was_mailed_is_forgotten(storage: SqlStorage, clock: ManualClock, up: MailServer) -> None:
    """A one-time link stands in the database only until its mail has left."""
    await write_mails(storage, clock)

    await deliver_everything(delivery(storage, clock, up))

    async with storage.transaction() as tx:
        (row,) = (await tx._connection.execute(select(outbox.c["values"], outbox.c.delivered))).all()
    assert tuple(row) == ({}, True)


async def test_of_many_deliverers_exactly_one_sends_a_mail(
    storage: SqlStorage, clock: ManualClock, up: MailServer
) -> None:
    await write_mails(storage, clock, count=25)
    services = delivery(storage, clock, up)

    await asyncio.gather(*(deliver_everything(services) for _ in range(5)))

    assert sorted(mail["To"] for mail in up.taken) == sorted(f"anna{number}@example.ru" for number in range(25))


async def test_mail_waits_for_a_server_that_is_away_and_then_arrives_once(
    storage: SqlStorage, clock: ManualClock, mail_server: MailServer
) -> None:
    with mail_server.running():
        pass
    await write_mails(storage, clock, count=3)
    services = delivery(storage, clock, mail_server)

    await deliver_everything(services)
    with mail_server.running():
        await deliver_everything(services)  # too early: nothing is due
        early = len(mail_server.taken)
        clock.advance(timedelta(minutes=1))
        await deliver_everything(services)
        await deliver_everything(services)

    assert (early, len(mail_server.taken)) == (0, 3)
    assert len({mail["Message-ID"] for mail in mail_server.taken}) == 3


async def test_while_the_server_is_away_one_batch_at_a_time_finds_it_out(
    storage: SqlStorage, clock: ManualClock, mail_server: MailServer
) -> None:
    """EM-23: a backlog of thousands is not composed again and again for nobody."""
    with mail_server.running():
        pass
    await write_mails(storage, clock, count=BATCH + 5)
    services = delivery(storage, clock, mail_server)

    await deliver_all(services, asyncio.Event())

    async with storage.transaction() as tx:
        waiting = await tx.outbox.newest(BATCH + 5)
    assert sorted(mail.attempts for mail in waiting) == [0] * 5 + [1] * BATCH
    clock.advance(FIRST_PAUSE)
    with mail_server.running():
        await deliver_everything(services)
    assert len(mail_server.taken) == BATCH + 5


async def test_pauses_grow_until_the_links_are_dead(
    storage: SqlStorage, clock: ManualClock, mail_server: MailServer
) -> None:
    with mail_server.running():
        pass
    await write_mails(storage, clock)
    services = delivery(storage, clock, mail_server)

    tries = 0
    for _ in range(24 * 60 * 2):
        tries += await deliver_due(services)
        clock.advance(timedelta(seconds=30))

    async with storage.transaction() as tx:
        waiting = await tx.outbox.newest(10)
    assert (50 < tries < 70, waiting) == (True, [])


async def test_a_mail_that_cannot_be_written_keeps_no_other_back(
    storage: SqlStorage, clock: ManualClock, up: MailServer
) -> None:
    async with storage.transaction() as tx:
        broken = new_mail(Template.CONFIRM_EMAIL, Recipient(email="anna@example.ru", locale="ru"), at=clock.now())
        await tx.outbox.add(broken)  # without the link that its text needs
    await write_mails(storage, clock)

    await deliver_everything(delivery(storage, clock, up))

    assert [mail["To"] for mail in up.taken] == ["anna0@example.ru"]


async def test_a_recipient_that_does_not_exist_is_given_up_at_once(
    storage: SqlStorage, clock: ManualClock, up: MailServer
) -> None:
    """EM-23: nothing is asked of the mail server for ever."""
    up.refusal = "550 no such mailbox"
    await write_mails(storage, clock)
    services = delivery(storage, clock, up)

    tried = await deliver_due(services)
    clock.advance(timedelta(hours=1))

    assert (tried, await deliver_due(services)) == (1, 0)


async def test_a_recipient_that_is_refused_for_now_is_tried_again(
    storage: SqlStorage, clock: ManualClock, up: MailServer
) -> None:
    up.refusal = "450 greylisted"
    await write_mails(storage, clock)
    services = delivery(storage, clock, up)

    await deliver_due(services)
    up.refusal = None
    clock.advance(timedelta(minutes=1))
    await deliver_due(services)

    assert len(up.taken) == 1


async def test_a_server_without_tls_gets_nothing_when_tls_is_wanted(
    storage: SqlStorage, clock: ManualClock, up: MailServer
) -> None:
    await write_mails(storage, clock)

    await deliver_due(delivery(storage, clock, up, tls="starttls"))

    assert up.taken == []


class HaltedAtTheFirstMail:
    """A sender whose process is halted while it sends, for longer than its lease; meanwhile others go on."""

    def __init__(self, services: MailServices, clock: ManualClock, *, fails: bool) -> None:
        self._services, self._clock, self._fails = services, clock, fails

    async def deliver(self, message: Message, *, message_id: UUID, written_at: datetime) -> None:
        self._clock.advance(LEASE)
        if self._fails:
            async with self._services.storage.transaction() as tx:
                await tx.outbox.lease(10, at=self._clock.now(), until=self._clock.now() + LEASE)
            raise OSError("the connection is gone")
        await deliver_everything(self._services)
        await self._services.mailer.deliver(message, message_id=message_id, written_at=written_at)


async def test_a_sender_that_was_halted_does_not_send_what_others_have_sent(
    storage: SqlStorage, clock: ManualClock, up: MailServer
) -> None:
    """FS-04: only the mail that was under way may come twice, as the same message."""
    await write_mails(storage, clock, count=3)
    others = delivery(storage, clock, up)

    await deliver_due(replace(others, mailer=HaltedAtTheFirstMail(others, clock, fails=False)))

    arrived = [(mail["To"], mail["Message-ID"]) for mail in up.taken]
    assert sorted({to for to, _ in arrived}) == [f"anna{number}@example.ru" for number in range(3)]
    assert (len(arrived), len(set(arrived))) == (4, 3)


async def test_a_sender_that_was_halted_does_not_take_back_what_others_have_taken(
    storage: SqlStorage, clock: ManualClock, up: MailServer
) -> None:
    """FS-04: its lease has run out, and with it the right to say when the mail is due."""
    await write_mails(storage, clock)
    others = delivery(storage, clock, up)

    await deliver_due(replace(others, mailer=HaltedAtTheFirstMail(others, clock, fails=True)))
    clock.advance(timedelta(minutes=1))

    assert await deliver_due(others) == 0


async def test_the_running_service_delivers_by_itself(tmp_path: Path, clock: ManualClock, up: MailServer) -> None:
    email = EmailSettings(host="127.0.0.1", port=up.port, from_="auth@cinema.example", tls="none")
    settings = replace(settings_for_test(tmp_path), email=email)

    with free_socket() as listener:
        async with run_service(settings, clock, listener) as service, service.viewer() as viewer:
            await viewer.post("/register", {"email": "anna@example.ru", "password": "four slow green trams"})
            while not up.taken:  # noqa: ASYNC110 - the other thread's list has no event to wait for
                await asyncio.sleep(0.05)

    assert up.taken[0]["To"] == "anna@example.ru"


async def test_a_service_that_stops_finishes_the_mail_under_way_and_gives_the_others_back(
    tmp_path: Path, clock: ManualClock, up: MailServer
) -> None:
    email = EmailSettings(host="127.0.0.1", port=up.port, from_="auth@cinema.example", tls="none")
    up.may_answer.clear()
    async with open_services(replace(settings_for_test(tmp_path), email=email), clock) as services:
        await write_mails(services.storage, clock, count=3)

        async with housekeeping(services):
            await asyncio.to_thread(up.arrived.wait)
            asyncio.get_running_loop().call_soon(up.may_answer.set)  # nothing is awaited here: the stop goes first

        async with services.storage.transaction() as tx:
            left = await tx.outbox.lease(10, at=clock.now(), until=clock.now())
    assert [mail["To"] for mail in up.taken] == ["anna0@example.ru"]
    assert [(mail.to, mail.attempts) for mail in left] == [("anna1@example.ru", 0), ("anna2@example.ru", 0)]
