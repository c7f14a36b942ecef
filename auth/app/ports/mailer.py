"""How a finished message leaves the house."""

from datetime import datetime
from typing import Protocol
from uuid import UUID


class MailRefused(Exception):
    """The mail server will never take this message, for example because nobody has the address."""


class MailServerAway(OSError):
    """Nobody takes mail from us at this moment, whomever it is for."""


class Message(Protocol):
    """A rendered mail; `text` and `html` say the same."""

    @property
    def to(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...


class Mailer(Protocol):
    """Hands messages to the next mail server."""

    async def deliver(self, message: Message, *, message_id: UUID, written_at: datetime) -> None:
        """Return once the next server has taken responsibility.

        Args:
            message_id: the same at every try, so that a duplicate can be told from a second mail.
            written_at: when the message was caused (RFC 5322, section 3.6.1).

        Raises:
            MailRefused: it never will.
            MailServerAway: it has not been asked; nor could it be for another mail.
            OSError: it has not; try again later.
        """
        ...
