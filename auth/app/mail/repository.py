"""What the mail domain asks of the store."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from app.mail.model import OutgoingMail, Recipient


class Outbox(Protocol):
    """Mail on its way, in the order in which it was caused."""

    async def add(self, mail: OutgoingMail) -> None: ...

    async def newest(self, limit: int) -> Sequence[OutgoingMail]:
        """The latest mails, newest first."""
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
