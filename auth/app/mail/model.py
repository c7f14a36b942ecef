"""Mail that waits to be sent, and mail as it is read."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from uuid import UUID


class Template(Enum):
    """Which text; each has a Russian and an English version under `templates/`, for text and HTML alike."""

    CONFIRM_EMAIL = "confirm_email"
    ACCOUNT_EXISTS = "account_exists"
    SESSION_REUSED = "session_reused"
    RESET_PASSWORD = "reset_password"
    PASSWORD_CHANGED = "password_changed"
    NEW_DEVICE = "new_device"
    SIGN_IN_DENIED = "sign_in_denied"
    EMAIL_CHANGE = "email_change"  # to the new address: confirm it
    EMAIL_TAKEN = "email_taken"  # to the new address, when it is another account's
    EMAIL_CHANGE_ASKED = "email_change_asked"  # to the former address, when a change was asked for
    EMAIL_CHANGED = "email_changed"  # to the former address, afterwards
    EMAIL_ACTIVE = "email_active"  # to the new address, afterwards
    EMAIL_RESTORED = "email_restored"  # to the former address, when the change was undone
    EMAIL_GIVEN_BACK = "email_given_back"  # to the new address, when the change was undone
    ACCOUNT_DELETED = "account_deleted"
    SOCIAL_LINKED = "social_linked"
    SOCIAL_UNLINKED = "social_unlinked"


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Where a mail goes, and the language to write in (`ru` or `en`)."""

    email: str
    locale: str


@dataclass(frozen=True, kw_only=True)
class OutgoingMail:
    """A row of the outbox, written in the transaction that causes the mail.

    Attributes:
        to: an address as stored, never as typed by whoever asked; but a new one is proved by a mail to itself.
        values: what the template fills in; may hold a one-time link, so it is never logged, and it is
            forgotten once the mail has left.
        attempts: how often the mail server has been asked.
    """

    id: UUID
    created_at: datetime
    to: str
    template: Template
    locale: str
    values: dict[str, str] = field(default_factory=dict, repr=False)
    attempts: int = 0


@dataclass(frozen=True, kw_only=True)
class Message:
    """A rendered mail; `text` and `html` say the same."""

    to: str
    subject: str
    text: str
    html: str
