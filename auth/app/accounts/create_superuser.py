"""Make an administrator from the command line."""

from dataclasses import dataclass, field
from enum import Enum

from uuid_utils.compat import uuid7

from app.accounts.email_address import EmailAddress
from app.accounts.model import User
from app.accounts.password_policy import check_password
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.accounts.unproven import remove_unproven
from app.errors import InvalidInput
from app.ports.conflicts import rerun_on_conflict
from app.roles.model import SUPERUSER
from app.sessions.end import forget_tokens


class Outcome(Enum):
    CREATED = "created"
    GRANTED = "granted"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, kw_only=True)
class NewSuperuser:
    """Whom to make a superuser.

    Attributes:
        password: of a new account; an existing one keeps its own.
    """

    email: EmailAddress
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class AccountState:
    """What there is before anything is done."""

    needs_password: bool
    is_superuser: bool


@rerun_on_conflict
async def describe_account(services: AccountServices, email: EmailAddress) -> AccountState:
    """Look whether the address has an account that its owner has confirmed."""
    async with services.storage.transaction() as tx:
        user = await tx.users.find_by_email(email)
        is_superuser = user is not None and await _is_superuser(tx, user)
    return AccountState(needs_password=not _is_owned(user), is_superuser=is_superuser)


async def create_superuser(services: AccountServices, new: NewSuperuser) -> Outcome:
    """Create the account or grant the role. Never changes a password.

    An account whose address nobody has confirmed may be a stranger's; it is replaced by a new one.

    Raises:
        InvalidInput: a new account needs a password that the policy accepts.
    """
    return await _grant(services, new.email) or await _create(services, new)


async def _create(services: AccountServices, new: NewSuperuser) -> Outcome:
    return await _write(services, new, await _hash_password(services, new))


@rerun_on_conflict
async def _write(services: AccountServices, new: NewSuperuser, password_hash: str) -> Outcome:
    now = services.clock.now()
    created = User(
        id=uuid7(),
        created_at=now,
        email=new.email.display,
        email_confirmed_at=now,  # whoever may run commands here vouches for it
        password_hash=password_hash,
    )
    async with services.storage.transaction() as tx:
        stranger = await tx.users.find_by_email(new.email)
        ended = await remove_unproven(tx, stranger.id, at=now) if stranger else []
        await tx.users.add(created, email_key=new.email.key)
        await tx.roles.grant(created.id, SUPERUSER)
    await forget_tokens(services.sessions, ended)
    return Outcome.CREATED


async def _hash_password(services: AccountServices, new: NewSuperuser) -> str:
    if new.password is None:
        raise InvalidInput("a new account needs one", pointer="/password")
    check_password(new.password, about=(new.email.display,))
    return await services.passwords.hash(new.password)


@rerun_on_conflict
async def _grant(services: AccountServices, email: EmailAddress) -> Outcome | None:
    """Give the role to an account that has an owner; `None` when there is none."""
    async with services.storage.transaction() as tx:
        user = await tx.users.find_by_email(email)
        if user is None or not _is_owned(user):
            return None
        if await _is_superuser(tx, user):
            return Outcome.UNCHANGED
        await tx.roles.grant(user.id, SUPERUSER)
        version = await tx.roles.version_of_user(user.id)
        roles = tuple(role.name for role in await tx.roles.of_user(user.id))
    await services.sessions.tokens.set_roles(user.id, roles, version=version)
    return Outcome.GRANTED


async def _is_superuser(tx: AccountsTransaction, user: User) -> bool:
    return any(role.name == SUPERUSER for role in await tx.roles.of_user(user.id))


def _is_owned(user: User | None) -> bool:
    return user is not None and user.email_confirmed_at is not None
