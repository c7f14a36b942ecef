"""Whose account a social login opens, and whether one may be linked: decisions that must never be wrong."""

from dataclasses import dataclass
from enum import Enum, auto
from uuid import UUID

from app.social.model import Profile


@dataclass(frozen=True, kw_only=True)
class EmailOwner:
    """The local account that has the address told by the provider.

    Attributes:
        confirmed: its owner has proved to read mail there.
        has_account_at_provider: it is linked with another person of the same provider.
    """

    user_id: UUID
    confirmed: bool
    has_account_at_provider: bool = False


@dataclass(frozen=True)
class LogIn:
    """The identity is known."""

    user_id: UUID


@dataclass(frozen=True)
class Register:
    """A new account; the address becomes its own only if it is proven."""

    with_email: bool


@dataclass(frozen=True)
class Link:
    """The identity joins an account: both sides have proved the address."""

    user_id: UUID


@dataclass(frozen=True)
class Reclaim:
    """The address's real owner has come: the unproven account that held it dies, a new one is made."""

    unproven: UUID


@dataclass(frozen=True)
class Refuse:
    """The address belongs to somebody who has to be asked first."""


Decision = LogIn | Register | Link | Reclaim | Refuse


def decide(profile: Profile, *, linked_to: UUID | None, owner: EmailOwner | None) -> Decision:
    """Choose whose account this social login opens.

    An address joins two accounts only when both sides have proved it; otherwise whoever registers
    first could take over the other person's account. A second person of one provider with the same
    address is a mailbox or a domain that has changed hands.
    """
    if linked_to is not None:
        return LogIn(linked_to)
    if owner is None or (not owner.confirmed and not profile.email_verified):
        return Register(with_email=profile.email_verified and owner is None)
    if not owner.confirmed:
        return Reclaim(owner.user_id)
    if profile.email_verified and not owner.has_account_at_provider:
        return Link(owner.user_id)
    return Refuse()


class Joining(Enum):
    """What becomes of an identity that somebody who is signed in wants to link."""

    ADD = auto()
    DONE_BEFORE = auto()
    IN_USE = auto()
    OCCUPIED = auto()


def decide_joining(user_id: UUID, *, linked_to: UUID | None, has_another: bool) -> Joining:
    """Choose whether an identity joins an account that its owner has opened.

    An identity never moves: whoever it is linked to may be somebody else, or oneself with two accounts.

    Args:
        has_another: the account is linked with another person of the same provider. One of each is enough
            to sign in, and the owner can name it by its network.
    """
    if linked_to is not None:
        return Joining.DONE_BEFORE if linked_to == user_id else Joining.IN_USE
    return Joining.OCCUPIED if has_another else Joining.ADD
