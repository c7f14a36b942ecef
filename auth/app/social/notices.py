"""Tell an account's owner that a network was linked or unlinked: in the login history, and by mail."""

from uuid_utils.compat import uuid7

from app.mail.compose import new_mail
from app.mail.model import Template
from app.sessions.model import LoginEvent, LoginOutcome, SignInMethod
from app.social.asker import Asker
from app.social.catalogue import KNOWN
from app.social.repository import SocialTransaction
from app.social.services import SocialServices

_MAILS = {
    LoginOutcome.SOCIAL_LINKED: Template.SOCIAL_LINKED,
    LoginOutcome.SOCIAL_UNLINKED: Template.SOCIAL_UNLINKED,
}


async def note_change(
    services: SocialServices, tx: SocialTransaction, asker: Asker, social: str, outcome: LoginOutcome
) -> None:
    """Write both into the caller's transaction. The mail names the network alone: a name there is anybody's text."""
    now = services.clock.now()
    event = LoginEvent(
        id=uuid7(),
        at=now,
        user_id=asker.user_id,
        outcome=outcome,
        method=SignInMethod.SOCIAL,
        social=social,
        client=asker.client,
        session_id=asker.session_id,
    )
    await tx.history.add(event)
    recipient = await tx.recipients.of_user(asker.user_id)
    if recipient is not None:
        values = {"provider": KNOWN[social].title[recipient.locale], "link": services.sessions.reset_page_url}
        await tx.outbox.add(new_mail(_MAILS[outcome], recipient, at=now, values=values))
