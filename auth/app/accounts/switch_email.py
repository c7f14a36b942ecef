"""Give an account the address that a mailed token proves, in one step with everything that hangs on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from uuid_utils.compat import uuid7

from app.accounts.email_address import EmailAddress, parse_email
from app.accounts.errors import MailTokenInvalid
from app.accounts.mail_token import MailedLink
from app.accounts.model import PENDING, MailToken, MailTokenPurpose, User
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.accounts.unproven import remove_unproven
from app.mail.token import hash_mail_token
from app.sessions.model import EndReason, LoginEvent, LoginOutcome, Session, SignInMethod


@dataclass(frozen=True, kw_only=True)
class Found:
    """A used token with the accounts that it concerns, all locked.

    Attributes:
        user: whose address changes, as it is until then.
        rival: the unconfirmed account that holds the token's address, if there is one.
    """

    token: MailToken
    email: EmailAddress
    user: User
    rival: User | None


async def take_and_lock(
    services: AccountServices, tx: AccountsTransaction, link: MailedLink, purpose: MailTokenPurpose
) -> Found:
    """Use the token up, unless its address is a confirmed account's by now.

    Raises:
        MailTokenInvalid: unknown, expired, replaced, used, or the address or the account is not to be had.
    """
    now = services.clock.now()
    token = await tx.mail_tokens.find(hash_mail_token(link.token), purpose, at=now)
    if token is None:
        raise MailTokenInvalid
    email = parse_email(token.email)
    holder = await tx.users.find_by_email(email)
    ids = {token.user_id, holder.id} if holder else {token.user_id}
    locked = {each: await tx.users.lock(each) for each in sorted(ids)}  # in one order nobody deadlocks
    user = locked[token.user_id]
    if user is None or user.blocked_at is not None:
        raise MailTokenInvalid
    rival = locked[holder.id] if holder and holder.id != token.user_id else None
    if rival is not None and holder is not None and rival.email != holder.email:
        rival = None  # it has just got another address itself
    if rival is not None and rival.email_confirmed_at is not None:
        raise MailTokenInvalid
    if await tx.mail_tokens.take(token.token_hash, purpose, at=now) is None:
        raise MailTokenInvalid
    return Found(token=token, email=email, user=user, rival=rival)


async def switch_email(
    services: AccountServices, tx: AccountsTransaction, found: Found, *, keep: UUID | None, reason: EndReason
) -> Sequence[Session]:
    """Put the token's address in force; what was mailed for the account as it was dies.

    Args:
        keep: the session that stays.

    Returns:
        The sessions that ended, whose tokens are to be forgotten after the transaction.

    Raises:
        UniqueViolation: somebody else got the address at this moment.
    """
    now = services.clock.now()
    ended = await remove_unproven(tx, found.rival.id, at=now) if found.rival else []
    ending = [each for each in await tx.sessions.open_of(found.user.id, at=now) if each.id != keep]
    await tx.sessions.end([each.id for each in ending], at=now, reason=reason)
    await tx.users.set_email(found.user.id, found.email, at=now)
    await tx.mail_tokens.drop(found.user.id, *PENDING)
    return [*ended, *ending]


async def record(
    services: AccountServices, tx: AccountsTransaction, link: MailedLink, found: Found, outcome: LoginOutcome
) -> None:
    """Write into the account's login history what the link has done."""
    event = LoginEvent(
        id=uuid7(),
        at=services.clock.now(),
        user_id=found.user.id,
        outcome=outcome,
        method=SignInMethod.MAIL,
        social=None,
        client=link.client,
        session_id=found.token.session_id,
    )
    await tx.history.add(event)
