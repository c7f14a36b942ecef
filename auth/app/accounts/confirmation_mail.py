"""Mail an address a one-time token that proves who reads it."""

from datetime import timedelta

from app.accounts.model import MailToken, MailTokenPurpose, User
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.mail.compose import new_mail
from app.mail.model import Recipient, Template
from app.mail.token import new_mail_token

CONFIRMATION_TTL = timedelta(hours=24)


async def send_confirmation(
    services: AccountServices, tx: AccountsTransaction, user: User, *, password_hash: str | None
) -> None:
    """Write the token and the mail into the caller's transaction.

    Args:
        password_hash: what the account's password becomes when this mail is confirmed.
    """
    if user.email is None:
        raise ValueError("an account without an address has nothing to confirm")
    now = services.clock.now()
    new = new_mail_token()
    token = MailToken(
        token_hash=new.token_hash,
        purpose=MailTokenPurpose.CONFIRM_EMAIL,
        user_id=user.id,
        email=user.email,
        expires_at=now + CONFIRMATION_TTL,
        password_hash=password_hash,
    )
    await tx.mail_tokens.add(token)
    recipient = Recipient(email=user.email, locale=user.locale)
    link = f"{services.confirm_page_url}#token={new.token}"  # a fragment stays out of logs and referrers
    await tx.outbox.add(new_mail(Template.CONFIRM_EMAIL, recipient, at=now, values={"link": link}))
