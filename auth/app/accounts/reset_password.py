"""Set a new password with a mailed token."""

from datetime import datetime

from uuid_utils.compat import uuid7

from app.accounts.mail_token import MailedLink, find_mail_token, use_mail_token
from app.accounts.model import PENDING, MailTokenPurpose, User
from app.accounts.password_policy import check_password
from app.accounts.services import AccountServices
from app.mail.compose import new_mail
from app.mail.model import Recipient, Template
from app.ports.conflicts import rerun_on_conflict
from app.sessions.end import forget_tokens
from app.sessions.model import EndReason, LoginEvent, LoginOutcome, SignInMethod


async def reset_password(services: AccountServices, link: MailedLink, password: str) -> None:
    """Use the token: the password is set, the address is proven, every session ends, nobody is signed in.

    Raises:
        MailTokenInvalid: unknown, expired, replaced, or used before.
        InvalidInput: the password is too weak; the token can still be used.
        TemporarilyUnavailable: too many passwords are being hashed.
    """
    user = await _find_owner(services, link.token)
    check_password(password, about=(user.email or "", user.name or ""))
    await _write(services, link, await services.passwords.hash(password))


@rerun_on_conflict
async def _find_owner(services: AccountServices, token: str) -> User:
    async with services.storage.transaction() as tx:
        return await find_mail_token(tx, token, MailTokenPurpose.RESET_PASSWORD, at=services.clock.now())


@rerun_on_conflict
async def _write(services: AccountServices, link: MailedLink, password_hash: str) -> None:
    now = services.clock.now()
    async with services.storage.transaction() as tx:
        _, user = await use_mail_token(tx, link.token, MailTokenPurpose.RESET_PASSWORD, at=now)
        ending = await tx.sessions.open_of(user.id, at=now)
        await tx.sessions.end([each.id for each in ending], at=now, reason=EndReason.PASSWORD_RESET)
        await tx.users.set_password_hash(user.id, password_hash)
        if user.email_confirmed_at is None:
            await tx.consents.drop(user.id)  # whoever registered the address may be somebody else
        await tx.users.confirm_email(user.id, at=user.email_confirmed_at or now)
        await tx.mail_tokens.drop(user.id, *PENDING)
        await tx.history.add(_event(link, user, now))
        recipient = Recipient(email=user.email or "", locale=user.locale)
        values = {"link": services.reset_page_url}
        await tx.outbox.add(new_mail(Template.PASSWORD_CHANGED, recipient, at=now, values=values))
    await forget_tokens(services.sessions, ending)


def _event(link: MailedLink, user: User, at: datetime) -> LoginEvent:
    return LoginEvent(
        id=uuid7(),
        at=at,
        user_id=user.id,
        outcome=LoginOutcome.PASSWORD_RESET,
        method=SignInMethod.MAIL,
        social=None,
        client=link.client,
    )
