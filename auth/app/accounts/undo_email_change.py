"""Take an account back to its former address: for its owner, whom somebody else has pushed out."""

from collections.abc import Sequence
from datetime import timedelta

from app.accounts.forgot_password import send_reset
from app.accounts.mail_token import MailedLink
from app.accounts.model import MailTokenPurpose, User
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.accounts.switch_email import Found, record, switch_email, take_and_lock
from app.accounts.undo_mail import UNDO_TTL
from app.mail.compose import new_mail
from app.mail.model import Recipient, Template
from app.ports.conflicts import rerun_on_conflict
from app.sessions.end import forget_tokens
from app.sessions.model import EndReason, LoginOutcome, Session

SUSPECT = timedelta(days=1)
"""How long before the change a thief may have been in: what was linked since then is unlinked."""


async def undo_email_change(services: AccountServices, link: MailedLink) -> None:
    """Use a mailed token: the former address is the account's, whatever has happened to it since.

    Nothing that somebody else may hold works afterwards: every session ends, the password and the social
    accounts linked of late are removed, mailed links die. The former address gets a link to a new password.
    Of several former addresses the earliest has the last word.

    Raises:
        MailTokenInvalid: unknown, expired or used; the account is blocked; or the former address has become
            another confirmed account's.
    """
    ended = await _undo(services, link)
    await forget_tokens(services.sessions, ended)


@rerun_on_conflict  # where somebody gets the address at the same moment, the second look finds them
async def _undo(services: AccountServices, link: MailedLink) -> Sequence[Session]:
    async with services.storage.transaction() as tx:
        found = await take_and_lock(services, tx, link, MailTokenPurpose.UNDO_EMAIL)
        ended = await switch_email(services, tx, found, keep=None, reason=EndReason.ADDRESS_RESTORED)
        await _lock_out(tx, found)
        await record(services, tx, link, found, LoginOutcome.EMAIL_RESTORED)
        await _tell_pushed_out(services, tx, found.user, found)
        restored = Recipient(email=found.email.display, locale=found.user.locale)
        await send_reset(services, tx, found.user.id, restored, Template.EMAIL_RESTORED)
    return ended


async def _lock_out(tx: AccountsTransaction, found: Found) -> None:
    """Take away what a thief could come back with."""
    user_id, token = found.user.id, found.token
    await tx.users.set_password_hash(user_id, None)
    await tx.social_accounts.remove_since(user_id, since=token.expires_at - UNDO_TTL - SUSPECT)
    await tx.mail_tokens.drop_undoing(user_id, email=token.email, since=token.expires_at)


async def _tell_pushed_out(services: AccountServices, tx: AccountsTransaction, user: User, found: Found) -> None:
    """Whoever has the address that goes may be the owner, and whoever came back a thief of the old mailbox."""
    if user.email is None or user.email_confirmed_at is None or user.email == found.token.email:
        return
    recipient = Recipient(email=user.email, locale=user.locale)
    await tx.outbox.add(new_mail(Template.EMAIL_GIVEN_BACK, recipient, at=services.clock.now()))
