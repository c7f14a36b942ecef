"""One account with all that moves with it from one system to another, as a line of JSON.

The form is public (docs/operate.md): members are added, never renamed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from app.accounts.consents import Consent
from app.accounts.model import User
from app.roles.model import Role
from app.social.model import SocialAccount

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


@dataclass(frozen=True, kw_only=True)
class AccountRecord:
    """An account as it is stored.

    Attributes:
        email_key: the canonical form of its address.
        brings_id: the id is the other system's; else it was made up a moment ago and says nothing.
    """

    user: User
    email_key: str | None
    brings_id: bool = True
    roles: tuple[str, ...] = ()
    identities: tuple[SocialAccount, ...] = ()
    consents: tuple[Consent, ...] = ()


class IdentityLine(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An account at a provider; `subject` is the provider's stable key of the person."""

    social: str
    subject: str
    email: str | None = None
    name: str | None = None
    linked_at: Moment | None = None
    last_used_at: Moment | None = None


class ConsentLine(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An agreement to a document."""

    document: str
    version: str
    given_at: Moment
    address: str | None = None
    user_agent: str = ""
    withdrawn_at: Moment | None = None


class AccountLine(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line. `email_confirmed` says that the other system has seen its owner read mail there."""

    id: str | None = None
    email: str | None = None
    email_confirmed: bool | None = None
    name: str | None = None
    locale: Literal["ru", "en"] = "ru"
    avatar_url: str | None = None
    password_hash: str | None = None
    created_at: Moment | None = None
    blocked: bool = False
    roles: list[str] = []
    identities: list[IdentityLine] = []
    consents: list[ConsentLine] = []


def write_record(record: AccountRecord, *, with_password: bool) -> bytes:
    """The line, without its end."""
    user = record.user
    line = AccountLine(
        id=str(user.id),
        email=user.email,
        email_confirmed=user.email_confirmed_at is not None,
        name=user.name,
        locale="en" if user.locale == "en" else "ru",
        avatar_url=user.avatar_url,
        password_hash=user.password_hash if with_password else None,
        created_at=user.created_at,
        blocked=user.blocked_at is not None,
        roles=list(record.roles),
        identities=[_identity(each) for each in record.identities],
        consents=[_consent(each) for each in record.consents],
    )
    return msgspec.json.encode(line)


def _identity(account: SocialAccount) -> IdentityLine:
    return IdentityLine(
        social=account.social,
        subject=account.subject,
        email=account.email,
        name=account.name,
        linked_at=account.linked_at,
        last_used_at=account.last_used_at,
    )


def _consent(consent: Consent) -> ConsentLine:
    return ConsentLine(
        document=consent.document,
        version=consent.version,
        given_at=consent.given_at,
        address=consent.client.address,
        user_agent=consent.client.user_agent,
        withdrawn_at=consent.withdrawn_at,
    )


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the store has of the keys of some records: whose each is. A copy that may be added to.

    Attributes:
        confirmed: the accounts whose address is proven.
        gone: accounts that were deleted here, as far as that is still remembered.
        roles: all that there are.
    """

    ids: set[UUID]
    emails: dict[str, UUID]
    confirmed: set[UUID]
    identities: dict[tuple[str, str], UUID]
    gone: set[UUID]
    roles: dict[str, Role]
