"""What a sign-in is, and what is remembered of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from uuid import UUID

from app.http.client import Client


class SignInMethod(Enum):
    PASSWORD = "password"
    SOCIAL = "social"
    MAIL = "mail"  # a mailed link: it signs nobody in, but changes who can
    ADMINISTRATION = "administration"  # somebody with the permission to, or the command line


class EndReason(Enum):
    """Why a session ended; shown to its owner."""

    LOGOUT = "logout"
    LOGOUT_OTHERS = "logout-others"
    LOGOUT_EVERYWHERE = "logout-everywhere"
    ENDED_BY_OWNER = "ended-by-owner"  # from another device
    TOKEN_REUSED = "token-reused"
    PASSWORD_RESET = "password-reset"
    PASSWORD_CHANGED = "password-changed"
    ACCOUNT_DELETED = "account-deleted"
    SIGN_IN_DENIED = "sign-in-denied"  # the owner says that a sign-in was not theirs
    ADDRESS_CLAIMED = "address-claimed"  # the address's owner proved it; whoever held it before is out
    ADDRESS_CHANGED = "address-changed"
    ADDRESS_RESTORED = "address-restored"  # the owner of the former address took the account back
    SOCIAL_UNLINKED = "social-unlinked"  # it was opened through a network that has been unlinked
    ACCOUNT_BLOCKED = "account-blocked"
    ENDED_BY_ADMINISTRATOR = "ended-by-administrator"


@dataclass(frozen=True, kw_only=True)
class Session:
    """One sign-in on one device. The row is the truth; what moves is in the token store.

    Attributes:
        social: the provider, when the method is social.
        expires_at: the absolute end, whatever is refreshed.
    """

    id: UUID
    user_id: UUID
    method: SignInMethod
    social: str | None
    client: Client
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    end_reason: EndReason | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionEnd:
    """When a session ended, and nothing of whose it was."""

    session_id: UUID
    ended_at: datetime


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """Who has just proved to be whom, and how.

    Attributes:
        account_since: when the account was made.
        way: the provider's name for people by language; absent for a password.
    """

    user_id: UUID
    account_since: datetime
    method: SignInMethod
    social: str | None = None
    way: Mapping[str, str] | None = None
    client: Client


@dataclass(frozen=True, kw_only=True)
class ServiceClient:
    """One of the cinema's services that may ask what a token is worth.

    Attributes:
        secret_hash: SHA-256 is enough for 256 random bits.
    """

    id: UUID
    name: str
    secret_hash: bytes = field(repr=False)
    created_at: datetime


class LoginOutcome(Enum):
    """What became of an attempt to get in, or of a session; part of the login history."""

    SUCCEEDED = "succeeded"
    WRONG_PASSWORD = "wrong-password"
    EMAIL_NOT_CONFIRMED = "email-not-confirmed"
    ACCOUNT_BLOCKED = "account-blocked"
    COLLISION = "account-exists"
    TOKEN_REUSED = "token-reused"
    LOGGED_OUT = "logged-out"
    LOGGED_OUT_OTHERS = "logged-out-others"
    LOGGED_OUT_EVERYWHERE = "logged-out-everywhere"
    SESSION_ENDED = "session-ended"
    PASSWORD_RESET = "password-reset"
    PASSWORD_CHANGED = "password-changed"
    SIGN_IN_DENIED = "sign-in-denied"
    EMAIL_CHANGED = "email-changed"
    EMAIL_RESTORED = "email-restored"
    SOCIAL_LINKED = "social-linked"
    SOCIAL_UNLINKED = "social-unlinked"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    ROLE_GRANTED = "role-granted"
    ROLE_REVOKED = "role-revoked"


@dataclass(frozen=True, kw_only=True)
class LoginEvent:
    """One line of the login history.

    Attributes:
        user_id: absent when the address belongs to nobody.
        actor_id: the account that did it by its permissions; only those who administer see whose it is.
        role: which one was granted or revoked.
    """

    id: UUID
    at: datetime
    user_id: UUID | None
    outcome: LoginOutcome
    method: SignInMethod
    social: str | None
    client: Client
    session_id: UUID | None = None
    actor_id: UUID | None = None
    role: str | None = None


@dataclass(frozen=True, kw_only=True)
class Appearance:
    """What the newest lines of a login history have of one client: its sign-ins, or everything else.

    Attributes:
        lines: how many of them.
        at: the moment of the latest.
    """

    client: Client
    signed_in: bool
    lines: int
    at: datetime
