"""Set another password, or the first one, while signed in."""

from dataclasses import dataclass, field

from uuid_utils.compat import uuid7

from app.accounts.errors import CurrentPasswordWrong
from app.accounts.model import PENDING, User
from app.accounts.password_policy import check_password
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.errors import AuthenticationRequired, InvalidInput
from app.http.client import Client
from app.http.principal import Principal
from app.mail.compose import new_mail
from app.mail.model import Template
from app.ports.conflicts import rerun_on_conflict
from app.ports.tokens import TokenState
from app.sessions.end import forget_tokens
from app.sessions.model import EndReason, LoginEvent, LoginOutcome, Session, SignIn
from app.sessions.open import issue_first_pair, write_session
from app.sessions.tokens import TokenPair


@dataclass(frozen=True, kw_only=True)
class PasswordChange:
    """The new password, and the session and device that ask."""

    password: str = field(repr=False)
    principal: Principal
    client: Client


async def change_password(services: AccountServices, owner: User, change: PasswordChange) -> TokenPair:
    """Set the password, end every session, and begin a new one for the caller.

    Whoever had a copy of the caller's tokens is out, too. The owner is told by mail.

    Args:
        owner: the account as `prove_owner` has given it.

    Raises:
        InvalidInput: the password is too weak, or the account has no confirmed address to sign in with.
        AuthenticationRequired, CurrentPasswordWrong: the session or the password is no longer what it was.
        TemporarilyUnavailable: too many passwords are being hashed.
    """
    check_password(change.password, about=(owner.email or "", owner.name or ""))
    password_hash = await services.passwords.hash(change.password)
    ended, state = await _write(services, owner, change, password_hash)
    await forget_tokens(services.sessions, ended)
    return await issue_first_pair(services.sessions, state)


@rerun_on_conflict
async def _write(
    services: AccountServices, owner: User, change: PasswordChange, password_hash: str
) -> tuple[list[Session], TokenState]:
    now = services.clock.now()
    async with services.storage.transaction() as tx:
        user = await tx.users.lock(owner.id)
        ending = [*await tx.sessions.open_of(owner.id, at=now)]
        asking = next((each for each in ending if each.id == change.principal.session_id), None)
        if user is None or user.blocked_at is not None or asking is None:
            raise AuthenticationRequired(invalid=True)
        if user.password_hash != owner.password_hash:
            raise CurrentPasswordWrong
        if user.email_confirmed_at is None:
            raise InvalidInput("of no use before the account has a confirmed address", pointer="/new_password")
        await tx.sessions.end([each.id for each in ending], at=now, reason=EndReason.PASSWORD_CHANGED)
        await tx.users.set_password_hash(user.id, password_hash)
        await tx.mail_tokens.drop(user.id, *PENDING)
        await _record(services, tx, asking, change)
        sign_in = SignIn(
            user_id=user.id,
            account_since=user.created_at,
            method=asking.method,
            social=asking.social,
            client=change.client,
        )
        return ending, await write_session(services.sessions, tx, sign_in)


async def _record(services: AccountServices, tx: AccountsTransaction, asking: Session, change: PasswordChange) -> None:
    now = services.clock.now()
    event = LoginEvent(
        id=uuid7(),
        at=now,
        user_id=asking.user_id,
        outcome=LoginOutcome.PASSWORD_CHANGED,
        method=asking.method,
        social=asking.social,
        client=change.client,
        session_id=asking.id,
    )
    await tx.history.add(event)
    recipient = await tx.recipients.of_user(asking.user_id)
    if recipient is not None:
        values = {"link": services.reset_page_url}
        await tx.outbox.add(new_mail(Template.PASSWORD_CHANGED, recipient, at=now, values=values))
