"""The one click of an owner who reads of a sign-in that was not theirs."""

from collections.abc import Sequence

from uuid_utils.compat import uuid7

from app.accounts.forgot_password import send_reset
from app.accounts.mail_token import MailedLink, use_mail_token
from app.accounts.model import PENDING, MailToken, MailTokenPurpose
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.mail.model import Recipient, Template
from app.ports.conflicts import rerun_on_conflict
from app.sessions.end import forget_tokens
from app.sessions.model import EndReason, LoginEvent, LoginOutcome, Session, SignInMethod


async def deny_sign_in(services: AccountServices, link: MailedLink) -> None:
    """Use a mailed token: whoever signed in is out, and cannot come back the same way.

    Every session ends. The password is removed, and what was linked since that sign-in is unlinked; so is the
    social account that it came by. The owner gets a link to a new password.

    Raises:
        MailTokenInvalid: unknown, expired or used, or the account has another address by now or is blocked.
    """
    await forget_tokens(services.sessions, await _deny(services, link))


@rerun_on_conflict
async def _deny(services: AccountServices, link: MailedLink) -> Sequence[Session]:
    now = services.clock.now()
    async with services.storage.transaction() as tx:
        token, user = await use_mail_token(tx, link.token, MailTokenPurpose.DENY_SIGN_IN, at=now)
        ending = await tx.sessions.open_of(user.id, at=now)
        await tx.sessions.end([each.id for each in ending], at=now, reason=EndReason.SIGN_IN_DENIED)
        await _lock_out(tx, token)
        event = LoginEvent(
            id=uuid7(),
            at=now,
            user_id=user.id,
            outcome=LoginOutcome.SIGN_IN_DENIED,
            method=SignInMethod.MAIL,
            social=None,
            client=link.client,
            session_id=token.session_id,
        )
        await tx.history.add(event)
        recipient = Recipient(email=token.email, locale=user.locale)
        await send_reset(services, tx, user.id, recipient, Template.SIGN_IN_DENIED)
    return ending


async def _lock_out(tx: AccountsTransaction, token: MailToken) -> None:
    """Take away what the stranger came with, and what they may have prepared to come back."""
    await tx.users.set_password_hash(token.user_id, None)
    await tx.mail_tokens.drop(token.user_id, *PENDING)
    denied = await tx.sessions.get(token.session_id) if token.session_id else None
    if denied is not None:
        await tx.social_accounts.remove_since(token.user_id, since=denied.created_at)
        if denied.social is not None:
            await tx.social_accounts.remove_of(token.user_id, denied.social)
