"""Sign in with an address and a password."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from uuid_utils.compat import uuid7

from app.accounts.email_address import EmailAddress
from app.accounts.errors import AccountBlocked, EmailNotConfirmed, InvalidCredentials
from app.accounts.find_account import find_account
from app.accounts.model import User
from app.accounts.services import AccountServices
from app.errors import AppError
from app.http.client import Client
from app.ports.conflicts import rerun_on_conflict
from app.ports.tokens import TokenState
from app.sessions.model import Appearance, LoginEvent, LoginOutcome, SignIn, SignInMethod
from app.sessions.new_device import REMEMBERED, is_news
from app.sessions.open import first_state, issue_first_pair, new_session, write_session
from app.sessions.tokens import TokenPair

_REFUSALS: dict[LoginOutcome, type[AppError]] = {
    LoginOutcome.WRONG_PASSWORD: InvalidCredentials,
    LoginOutcome.ACCOUNT_BLOCKED: AccountBlocked,
    LoginOutcome.EMAIL_NOT_CONFIRMED: EmailNotConfirmed,
}


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What a person types. An address that is none at all is treated like an unknown one."""

    email: EmailAddress | None
    password: str = field(repr=False)


async def login(services: AccountServices, credentials: Credentials, client: Client) -> TokenPair:
    """Check the password and begin a session.

    An unknown address costs the same work as a wrong password: one look, one hash, one line written.

    Raises:
        InvalidCredentials: which of the two is wrong is not told.
        AccountBlocked, EmailNotConfirmed: told only after the right password.
        TemporarilyUnavailable: too many passwords are being hashed.
    """
    for _ in range(2):  # the hash may be renewed by a parallel login, or the password changed, while this one hashes
        user = await _check(services, credentials, client)
        state = await begin_session(services, user, client)
        if state is not None:
            return await issue_first_pair(services.sessions, state)
    raise InvalidCredentials


async def _check(services: AccountServices, credentials: Credentials, client: Client) -> User:
    user = await find_account(services, credentials.email)
    matches = await services.passwords.verify(user.password_hash if user else None, credentials.password)
    if user is not None and matches and user.password_hash and services.passwords.needs_rehash(user.password_hash):
        user = await _replace_hash(services, user, await services.passwords.hash(credentials.password))
    outcome = judge(user, matches=matches, require_confirmed_email=services.require_confirmed_email)
    if user is None or outcome is not LoginOutcome.SUCCEEDED:
        await record_failure(services, user, outcome, client)
        raise _REFUSALS[outcome]
    return user


def judge(user: User | None, *, matches: bool, require_confirmed_email: bool) -> LoginOutcome:
    """What becomes of a login; nothing about the account shows before the password is right."""
    if user is None or not matches:
        return LoginOutcome.WRONG_PASSWORD
    if user.blocked_at is not None:
        return LoginOutcome.ACCOUNT_BLOCKED
    if require_confirmed_email and user.email_confirmed_at is None:
        return LoginOutcome.EMAIL_NOT_CONFIRMED
    return LoginOutcome.SUCCEEDED


@rerun_on_conflict
async def _replace_hash(services: AccountServices, user: User, fresh: str) -> User:
    """Bring an old hash to today's parameters, unless the password has changed meanwhile."""
    async with services.storage.transaction() as tx:
        current = await tx.users.get(user.id)
        if current is None or current.password_hash != user.password_hash:
            return user
        await tx.users.set_password_hash(user.id, fresh)
    return replace(user, password_hash=fresh)


async def begin_session(services: AccountServices, user: User, client: Client) -> TokenState | None:
    """Begin the session, unless the account is no longer as it was when its password was checked.

    Hashing took a while: a password changed or an account blocked since then must not get in. The lock keeps
    a reset at this moment from overlooking the session: it either ends it, or has changed the password.
    """
    sign_in = SignIn(user_id=user.id, account_since=user.created_at, method=SignInMethod.PASSWORD, client=client)
    # Not before the hash: the time that it takes would tell that the address is known.
    lately = await _look_back(services, user)
    is_unknown = is_news(client, lately, at=services.clock.now(), account_since=user.created_at)
    return await (_open_and_tell if is_unknown else _open_known)(services, user, sign_in)


@rerun_on_conflict
async def _look_back(services: AccountServices, user: User) -> Sequence[Appearance]:
    async with services.storage.reading() as tx:
        return await tx.history.appearances(user.id, limit=REMEMBERED)


@rerun_on_conflict
async def _open_known(services: AccountServices, user: User, sign_in: SignIn) -> TokenState | None:
    """Nobody has to be told of a device that was known a moment ago, whatever has been written since."""
    session, event = new_session(services.sessions, sign_in)
    async with services.storage.single() as tx:
        begun = await tx.sessions.begin_by_password(session, event, password_hash=user.password_hash or "")
    return first_state(session, *begun) if begun else None


@rerun_on_conflict
async def _open_and_tell(services: AccountServices, user: User, sign_in: SignIn) -> TokenState | None:
    async with services.storage.transaction() as tx:
        current = await tx.users.lock(user.id)
        if current is None or current.password_hash != user.password_hash or current.blocked_at is not None:
            return None
        return await write_session(services.sessions, tx, sign_in)


@rerun_on_conflict
async def record_failure(services: AccountServices, user: User | None, outcome: LoginOutcome, client: Client) -> None:
    """Write a password that did not open the account into its login history."""
    event = LoginEvent(
        id=uuid7(),
        at=services.clock.now(),
        user_id=user.id if user else None,
        outcome=outcome,
        method=SignInMethod.PASSWORD,
        social=None,
        client=client,
    )
    async with services.storage.transaction() as tx:
        await tx.history.add(event)
