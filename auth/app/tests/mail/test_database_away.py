"""The database goes away while mail is on its way: every mail arrives, and arrives once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from app.bootstrap import open_services
from app.mail.compose import new_mail
from app.mail.deliver import MailServices, deliver_due
from app.mail.model import Recipient, Template
from app.ports.mailer import Message
from app.settings import Secret
from app.tests.support.clock import ManualClock
from app.tests.support.postgresql import PostgreSql
from app.tests.support.proxy import Proxy
from app.tests.support.service import settings_for_test


@dataclass
class Sender:
    """Hands mails over; with the first one the database goes, and it is back a while later."""

    database: Proxy
    sent: list[str] = field(default_factory=list)

    async def deliver(self, message: Message, *, message_id: UUID, written_at: datetime) -> None:
        self.sent.append(message.to)
        if len(self.sent) == 1:
            self.database.refuse()
            self.database.heals_after(timedelta(seconds=1))


async def test_what_became_of_a_mail_is_written_when_the_database_is_back(
    tmp_path: Path, clock: ManualClock, postgresql: PostgreSql
) -> None:
    """The rest of the batch is not left to wait until the lease runs out."""
    database = postgresql.database_for(tmp_path)
    async with Proxy.before(postgresql.socket) as proxy:
        settings = settings_for_test(tmp_path, database_url=Secret(PostgreSql.by_proxy(database, proxy.port)))
        async with open_services(settings, clock) as services:
            async with services.storage.transaction() as tx:
                for number in range(3):
                    recipient = Recipient(email=f"anna{number}@example.ru", locale="ru")
                    await tx.outbox.add(new_mail(Template.ACCOUNT_EXISTS, recipient, at=clock.now()))
            sender = Sender(proxy)

            await deliver_due(MailServices(storage=services.storage, mailer=sender, clock=clock))

            async with services.storage.transaction() as tx:
                waiting = await tx.outbox.newest(10)
    assert (sender.sent, list(waiting)) == ([f"anna{number}@example.ru" for number in range(3)], [])
