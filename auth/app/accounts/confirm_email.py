"""Confirm an address, or ask for the mail again."""

from app.accounts.confirmation_mail import send_confirmation
from app.accounts.email_address import EmailAddress
from app.accounts.mail_token import use_mail_token
from app.accounts.model import MailTokenPurpose
from app.accounts.services import AccountServices
from app.ports.conflicts import rerun_on_conflict
from app.sessions.end import forget_tokens
from app.sessions.model import EndReason


@rerun_on_conflict
async def confirm_email(services: AccountServices, token: str) -> None:
    """Use a mailed token: the address is proven, and the password that was registered with it counts.

    Whoever got in before the proof is put out: they may not be who reads the mail.

    Raises:
        MailTokenInvalid: unknown, expired, or used before.
    """
    now = services.clock.now()
    async with services.storage.transaction() as tx:
        purpose = MailTokenPurpose.CONFIRM_EMAIL
        taken, user = await use_mail_token(tx, token, purpose, at=now)
        changes_hands = taken.password_hash != user.password_hash
        ending = await tx.sessions.open_of(user.id, at=now) if changes_hands else []
        await tx.sessions.end([each.id for each in ending], at=now, reason=EndReason.ADDRESS_CLAIMED)
        if changes_hands:
            await tx.consents.drop(user.id)  # of several who registered this address, nobody knows who agreed
        await tx.users.set_password_hash(user.id, taken.password_hash)
        await tx.users.confirm_email(user.id, at=now)
        # Whoever was in before the proof may have asked for an address of their own.
        await tx.mail_tokens.drop(user.id, purpose, MailTokenPurpose.CHANGE_EMAIL)
    await forget_tokens(services.sessions, ending)


@rerun_on_conflict
async def resend_confirmation(services: AccountServices, email: EmailAddress) -> None:
    """Mail the confirmation again, if there is anything to confirm. Never tells."""
    async with services.storage.transaction() as tx:
        user = await tx.users.find_by_email(email)
        if user is not None and user.email_confirmed_at is None:
            await send_confirmation(services, tx, user, password_hash=user.password_hash)
