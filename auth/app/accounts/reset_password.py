"""Set a new password with a mailed token."""

from app.accounts.mail_token import find_mail_token, use_mail_token
from app.accounts.model import PENDING, MailTokenPurpose
from app.accounts.password_policy import check_password
from app.accounts.services import AccountServices
from app.mail.compose import new_mail
from app.mail.model import Recipient, Template
from app.sessions.end import forget_tokens
from app.sessions.model import EndReason


async def reset_password(services: AccountServices, token: str, password: str) -> None:
    """Use the token: the password is set, the address is proven, every session ends, nobody is signed in.

    Raises:
        MailTokenInvalid: unknown, expired, replaced, or used before.
        InvalidInput: the password is too weak; the token can still be used.
        TemporarilyUnavailable: too many passwords are being hashed.
    """
    purpose = MailTokenPurpose.RESET_PASSWORD
    async with services.storage.transaction() as tx:
        user = await find_mail_token(tx, token, purpose, at=services.clock.now())
    check_password(password, about=(user.email or "", user.name or ""))
    password_hash = await services.passwords.hash(password)
    now = services.clock.now()
    async with services.storage.transaction() as tx:
        _, user = await use_mail_token(tx, token, purpose, at=now)
        ending = await tx.sessions.open_of(user.id, at=now)
        await tx.sessions.end([each.id for each in ending], at=now, reason=EndReason.PASSWORD_RESET)
        await tx.users.set_password_hash(user.id, password_hash)
        await tx.users.confirm_email(user.id, at=user.email_confirmed_at or now)
        await tx.mail_tokens.drop(user.id, *PENDING)
        recipient = Recipient(email=user.email or "", locale=user.locale)
        await tx.outbox.add(new_mail(Template.PASSWORD_CHANGED, recipient, at=now))
    await forget_tokens(services.sessions, ending)
