"""What the mail domain asks of the store."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.mail.model import OutgoingMail, Recipient


class Outbox(Protocol):
    """Mail on its way, in the order in which it was caused."""

    async def add(self, mail: OutgoingMail) -> None: ...

    async def newest(self, limit: int) -> Sequence[OutgoingMail]:
        """The latest mails that wait, newest first."""
        ...

    async def lease(self, limit: int, *, at: datetime, until: datetime) -> Sequence[OutgoingMail]:
        """Take mails that are due, oldest first; nobody else gets them before `until`."""
        ...

    async def release(self, mails: Collection[OutgoingMail], *, at: datetime) -> None:
        """Give back mails that were taken and not tried: they are due from `at` on, as if never taken.

        This, `retry` and `give_up` leave a mail alone that somebody else has taken meanwhile.
        """
        ...

    async def sent(self, mail_id: UUID, *, at: datetime) -> None:
        """The mail server has taken it: forget what it said."""
        ...

    async def retry(self, mail: OutgoingMail, *, at: datetime) -> None:
        """Try again from `at` on."""
        ...

    async def give_up(self, mail: OutgoingMail, *, at: datetime) -> None:
        """It cannot be delivered: forget what it said."""
        ...


class Recipients(Protocol):
    """Where mail about an account goes."""

    async def of_user(self, user_id: UUID) -> Recipient | None:
        """The confirmed address; `None` for an account without one."""
        ...


class MailTransaction(Protocol):
    """One transaction, seen from this domain."""

    @property
    def outbox(self) -> Outbox: ...

    @property
    def recipients(self) -> Recipients: ...
