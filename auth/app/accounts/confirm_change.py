"""Put a changed address in force, once its mail has been read."""

from collections.abc import Sequence

from app.accounts.errors import MailTokenInvalid
from app.accounts.mail_token import MailedLink
from app.accounts.model import MailTokenPurpose
from app.accounts.services import AccountServices
from app.accounts.switch_email import record, switch_email, take_and_lock
from app.accounts.undo_mail import send_undo
from app.mail.compose import new_mail
from app.mail.model import Recipient, Template
from app.ports.conflicts import rerun_on_conflict
from app.sessions.end import forget_tokens
from app.sessions.model import EndReason, LoginOutcome, Session


async def confirm_change(services: AccountServices, link: MailedLink) -> None:
    """Use a mailed token: the account has the address from now on, and only the session that asked stays.

    Raises:
        MailTokenInvalid: unknown, expired, replaced or used; the address is a confirmed account's by now; or
            somebody put the session out that asked for the change.
    """
    ended = await _confirm(services, link)
    await forget_tokens(services.sessions, ended)


@rerun_on_conflict  # where somebody gets the address at the same moment, the second look finds them
async def _confirm(services: AccountServices, link: MailedLink) -> Sequence[Session]:
    async with services.storage.transaction() as tx:
        found = await take_and_lock(services, tx, link, MailTokenPurpose.CHANGE_EMAIL)
        asking = await tx.sessions.get(found.token.session_id) if found.token.session_id else None
        if asking is None or not _may_still_ask(asking):
            raise MailTokenInvalid
        ended = await switch_email(services, tx, found, keep=asking.id, reason=EndReason.ADDRESS_CHANGED)
        await send_undo(services, tx, found.user, Template.EMAIL_CHANGED, new=found.email)
        recipient = Recipient(email=found.email.display, locale=found.user.locale)
        await tx.outbox.add(new_mail(Template.EMAIL_ACTIVE, recipient, at=services.clock.now()))
        await record(services, tx, link, found, LoginOutcome.EMAIL_CHANGED)
    return ended


def _may_still_ask(session: Session) -> bool:
    """A session that its own person left may have asked; one that was put out may have been a thief's."""
    return session.end_reason in {None, EndReason.LOGOUT}
