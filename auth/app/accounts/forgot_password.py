"""Mail the owner of an address a link to a new password. Tells nobody whether there is one."""

from datetime import timedelta
from uuid import UUID

from app.accounts.email_address import EmailAddress
from app.accounts.model import MailToken, MailTokenPurpose
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.mail.compose import new_mail
from app.mail.model import Recipient, Template
from app.mail.token import new_mail_token
from app.ports.conflicts import rerun_on_conflict

RESET_TTL = timedelta(minutes=30)


@rerun_on_conflict
async def forgot_password(services: AccountServices, email: EmailAddress) -> None:
    """Send the mail if the address has an account that may sign in.

    It goes to the address as stored, never as typed. An older link dies. Whoever reads the mail may
    set a password whether the account had one, and thereby confirms the address.
    """
    async with services.storage.transaction() as tx:
        user = await tx.users.find_by_email(email)
        if user is None or user.email is None or user.blocked_at is not None:
            return
        recipient = Recipient(email=user.email, locale=user.locale)
        await send_reset(services, tx, user.id, recipient, Template.RESET_PASSWORD)


async def send_reset(
    services: AccountServices, tx: AccountsTransaction, user_id: UUID, to: Recipient, template: Template
) -> None:
    """Write the token and the mail into the caller's transaction; an older link dies.

    Args:
        to: the account's own address, as stored.
    """
    now = services.clock.now()
    new = new_mail_token()
    token = MailToken(
        token_hash=new.token_hash,
        purpose=MailTokenPurpose.RESET_PASSWORD,
        user_id=user_id,
        email=to.email,
        expires_at=now + RESET_TTL,
    )
    await tx.mail_tokens.drop(user_id, MailTokenPurpose.RESET_PASSWORD)
    await tx.mail_tokens.add(token)
    await tx.outbox.add(new_mail(template, to, at=now, values={"link": f"{services.reset_page_url}#token={new.token}"}))
