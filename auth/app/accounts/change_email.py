"""Ask for another address: nothing changes until somebody proves to read mail there."""

from dataclasses import dataclass
from uuid import UUID

from app.accounts.confirmation_mail import CONFIRMATION_TTL
from app.accounts.email_address import EmailAddress, find_email
from app.accounts.errors import CurrentPasswordWrong
from app.accounts.model import MailToken, MailTokenPurpose, User
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.accounts.undo_mail import send_undo
from app.errors import AuthenticationRequired, InvalidInput
from app.mail.compose import new_mail
from app.mail.model import Recipient, Template
from app.mail.token import new_mail_token
from app.ports.conflicts import rerun_on_conflict


@dataclass(frozen=True, kw_only=True)
class EmailChange:
    """The address that is wanted, and the session that asks."""

    email: EmailAddress
    session_id: UUID


@rerun_on_conflict
async def change_email(services: AccountServices, owner: User, change: EmailChange) -> None:
    """Mail the new address a link to confirm it, and tell the present one. A newer request replaces an older one.

    The caller cannot tell whether the new address is another account's: its owner is told instead.

    Args:
        owner: the account as `prove_owner` has given it.

    Raises:
        InvalidInput: it is the account's address already.
        AuthenticationRequired, CurrentPasswordWrong: the session or the password is no longer what it was.
    """
    async with services.storage.transaction() as tx:
        user = await _lock(tx, owner, change)
        await tx.mail_tokens.drop(user.id, MailTokenPurpose.CHANGE_EMAIL)
        holder = await tx.users.find_by_email(change.email)
        if holder is not None and holder.email is not None and holder.email_confirmed_at is not None:
            recipient = Recipient(email=holder.email, locale=holder.locale)
            await tx.outbox.add(new_mail(Template.EMAIL_TAKEN, recipient, at=services.clock.now()))
        else:
            await _send_link(services, tx, user, change)
        await send_undo(services, tx, user, Template.EMAIL_CHANGE_ASKED, new=change.email)


async def _lock(tx: AccountsTransaction, owner: User, change: EmailChange) -> User:
    """The account under the lock, if all that was proven about it still holds."""
    user = await tx.users.lock(owner.id)
    session = await tx.sessions.get(change.session_id)
    if user is None or user.blocked_at is not None or session is None or session.ended_at is not None:
        raise AuthenticationRequired(invalid=True)
    if user.password_hash != owner.password_hash:
        raise CurrentPasswordWrong
    present = find_email(user.email) if user.email else None
    if present is not None and present.key == change.email.key:
        raise InvalidInput("it is the address of this account already", pointer="/email")
    return user


async def _send_link(services: AccountServices, tx: AccountsTransaction, user: User, change: EmailChange) -> None:
    now = services.clock.now()
    made = new_mail_token()
    token = MailToken(
        token_hash=made.token_hash,
        purpose=MailTokenPurpose.CHANGE_EMAIL,
        user_id=user.id,
        email=change.email.display,
        expires_at=now + CONFIRMATION_TTL,
        session_id=change.session_id,
    )
    await tx.mail_tokens.add(token)
    recipient = Recipient(email=change.email.display, locale=user.locale)
    values = {"link": f"{services.confirm_page_url}#token={made.token}"}
    await tx.outbox.add(new_mail(Template.EMAIL_CHANGE, recipient, at=now, values=values))
