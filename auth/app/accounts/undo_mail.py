"""Tell an account's address that another is to take its place, with a link that takes the account back."""

from datetime import timedelta

from app.accounts.email_address import EmailAddress, mask_email
from app.accounts.model import MailToken, MailTokenPurpose, User
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.mail.compose import new_mail
from app.mail.model import Recipient, Template
from app.mail.token import new_mail_token

UNDO_TTL = timedelta(days=7)


async def send_undo(
    services: AccountServices, tx: AccountsTransaction, user: User, template: Template, *, new: EmailAddress
) -> None:
    """Write the token and the mail into the caller's transaction.

    Nothing is sent to an address that nobody has confirmed: it may be a stranger's, and it could take the
    account from its owner.

    Args:
        user: the account with the address that it has had so far.
    """
    if user.email is None or user.email_confirmed_at is None:
        return
    now = services.clock.now()
    made = new_mail_token()
    token = MailToken(
        token_hash=made.token_hash,
        purpose=MailTokenPurpose.UNDO_EMAIL,
        user_id=user.id,
        email=user.email,
        expires_at=now + UNDO_TTL,
    )
    await tx.mail_tokens.add(token)
    recipient = Recipient(email=user.email, locale=user.locale)
    values = {"link": f"{services.undo_page_url}#token={made.token}", "email": mask_email(new.display)}
    await tx.outbox.add(new_mail(template, recipient, at=now, values=values))
