"""An account, as everybody in the house knows it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class User:
    """One person's account.

    Attributes:
        email: as its owner writes it; absent for a social account without a proven address.
        email_confirmed_at: when the owner proved to read mail there.
        password_hash: an argon2id string, or what an imported account brought until its first sign-in; absent for an
            account without a password.
        locale: the language of mails, `ru` or `en`.
    """

    id: UUID
    created_at: datetime
    email: str | None = None
    email_confirmed_at: datetime | None = None
    password_hash: str | None = field(default=None, repr=False)
    name: str | None = None
    locale: str = "ru"
    avatar_url: str | None = None
    blocked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class UserFilter:
    """Which accounts are looked for; without anything, all.

    Attributes:
        email_prefix, name_prefix: one of the two is enough; the address by its canonical key, the name in any case.
    """

    user_id: UUID | None = None
    email_prefix: str | None = None
    name_prefix: str | None = None


class MailTokenPurpose(Enum):
    """What a mailed one-time token is good for; a token of one purpose is worthless for another."""

    CONFIRM_EMAIL = "confirm-email"
    RESET_PASSWORD = "reset-password"
    CHANGE_EMAIL = "change-email"
    UNDO_EMAIL = "undo-email"
    DENY_SIGN_IN = "deny-sign-in"


_UNDOING = {MailTokenPurpose.UNDO_EMAIL, MailTokenPurpose.DENY_SIGN_IN}
PENDING = tuple(each for each in MailTokenPurpose if each not in _UNDOING)
"""What begins something for the account as it is, and dies when the account is recovered or changes hands.

A link that undoes a change outlives all of that: a thief can recover an account whose mail they read.
"""


@dataclass(frozen=True, kw_only=True)
class MailToken:
    """A mailed one-time token. Only its hash is kept.

    Attributes:
        email: the address that it was mailed to; it proves that address and no other.
        password_hash: the password of the registration that caused the mail. It becomes the
            account's when the token is used, so the password of whoever confirms counts.
        session_id: the session that asked for a change of address, or the sign-in that may be denied.
    """

    token_hash: bytes = field(repr=False)
    purpose: MailTokenPurpose
    user_id: UUID
    email: str
    expires_at: datetime
    password_hash: str | None = field(default=None, repr=False)
    session_id: UUID | None = None
