"""Make an administrator from the command line."""

from dataclasses import dataclass, field
from enum import Enum

from uuid_utils.compat import uuid7

from app.accounts.authority import note_act
from app.accounts.email_address import EmailAddress
from app.accounts.model import User
from app.accounts.password_policy import check_password
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.accounts.unproven import remove_unproven
from app.errors import InvalidInput
from app.ports.conflicts import rerun_on_conflict
from app.ports.storage import WriteConflict
from app.roles.model import SUPERUSER
from app.sessions.end import forget_tokens
from app.sessions.model import LoginOutcome
from app.sessions.roles_in_force import put_in_force, read_roles


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
    async with services.storage.reading() as tx:
        user = await tx.users.find_by_email(email)
        is_superuser = user is not None and await _is_superuser(tx, user)
    return AccountState(needs_password=not _is_owned(user), is_superuser=is_superuser)


async def create_superuser(services: AccountServices, new: NewSuperuser) -> Outcome:
    """Create the account or grant the role. Never changes a password.

    An account whose address nobody has confirmed may be a stranger's; it is replaced by a new one.

    Raises:
        InvalidInput: a new account needs a password that the policy accepts.
    """
    while True:  # the address may be confirmed while its new password is being hashed: then it is a known account
        outcome = await _grant(services, new.email) or await _create(services, new)
        if outcome is not None:
            return outcome


async def _create(services: AccountServices, new: NewSuperuser) -> Outcome | None:
    return await _write(services, new, await _hash_password(services, new))


@rerun_on_conflict
async def _write(services: AccountServices, new: NewSuperuser, password_hash: str) -> Outcome | None:
    now = services.clock.now()
    created = User(
        id=uuid7(),
        created_at=now,
        email=new.email.display,
        email_confirmed_at=now,  # whoever may run commands here vouches for it
        password_hash=password_hash,
    )
    async with services.storage.transaction() as tx:
        stranger = await _find(tx, new.email)
        if _is_owned(stranger):
            return None
        ended = await remove_unproven(tx, stranger.id, at=now) if stranger else []
        await tx.users.add(created, email_key=new.email.key)
        await tx.roles.grant(created.id, SUPERUSER)
        await note_act(services, tx, created.id, LoginOutcome.ROLE_GRANTED, by=None, role=SUPERUSER)
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
        user = await _find(tx, email)
        if user is None or not _is_owned(user):
            return None
        is_new = await tx.roles.grant(user.id, SUPERUSER)
        if is_new:
            await note_act(services, tx, user.id, LoginOutcome.ROLE_GRANTED, by=None, role=SUPERUSER)
        held = await read_roles(tx, user.id)
    await put_in_force(services.sessions, held)
    return Outcome.GRANTED if is_new else Outcome.UNCHANGED


async def _find(tx: AccountsTransaction, email: EmailAddress) -> User | None:
    """The account that has the address, locked."""
    user = await tx.users.find_by_email(email)
    locked = await tx.users.lock(user.id) if user else None
    if user is not None and (locked is None or locked.email != user.email):
        raise WriteConflict  # somebody changed the account between the look and the lock
    return locked


async def _is_superuser(tx: AccountsTransaction, user: User) -> bool:
    return any(role.name == SUPERUSER for role in await tx.roles.of_user(user.id))


def _is_owned(user: User | None) -> bool:
    return user is not None and user.email_confirmed_at is not None
