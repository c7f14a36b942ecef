"""The mail server, over SMTP (RFC 5321)."""

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from functools import cached_property
from ssl import SSLContext, create_default_context
from typing import Literal
from uuid import UUID

import aiosmtplib

from app.ports.mailer import MailRefused, MailServerAway, Message

TIMEOUT_SECONDS = 20
NOBODYS_DOMAIN = ".test"  # RFC 6761: of no mail server ever, so the answer is known without asking one


@dataclass(frozen=True, kw_only=True)
class SmtpMailer:
    """`ports.mailer.Mailer`.

    Attributes:
        tls: `tls` from the first byte on, `starttls` after a greeting in clear, `none` on trusted hosts only.
        sender: what stands in `From`, for example `Кинотеатр <auth@cinema.example>`.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    sender: str
    tls: Literal["none", "starttls", "tls"]

    async def deliver(self, message: Message, *, message_id: UUID, written_at: datetime) -> None:
        if message.to.lower().endswith(NOBODYS_DOMAIN):
            raise MailRefused
        server = await self._connect()
        try:
            async with server:
                mail = compose(message, sender=self.sender, message_id=message_id, written_at=written_at)
                await server.send_message(mail)
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(each.code >= 500 for each in error.recipients):
                raise MailRefused from None
            raise OSError("the recipient was refused for now") from None
        except aiosmtplib.SMTPException as error:  # its text may quote the message
            raise OSError(type(error).__name__) from None

    async def _connect(self) -> aiosmtplib.SMTP:
        """Before the mail is composed: of a thousand that wait for a server none costs more than the look at it."""
        server = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user or None,
            password=self.password or None,
            use_tls=self.tls == "tls",
            start_tls=self.tls == "starttls",
            tls_context=None if self.tls == "none" else self._trust,
            timeout=TIMEOUT_SECONDS,
        )
        try:
            await server.connect()
        except (OSError, aiosmtplib.SMTPException) as error:  # its text may quote what was sent
            raise MailServerAway(type(error).__name__) from None
        return server

    @cached_property
    def _trust(self) -> SSLContext:
        """Reading the certificates takes longer than sending a mail."""
        return create_default_context()


def compose(message: Message, *, sender: str, message_id: UUID, written_at: datetime) -> EmailMessage:
    """The message with its headers; a line break in a header raises instead of making a second one."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, message.to, message.subject
    mail["Date"] = written_at
    mail["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2].rstrip('> ')}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine answers
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail
