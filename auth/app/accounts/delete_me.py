"""Erase an account at its owner's wish (152-FZ, article 21; GDPR, article 17)."""

from collections.abc import Sequence

from app.accounts.last_superuser import keep_a_superuser
from app.accounts.services import AccountServices
from app.errors import AuthenticationRequired
from app.http.principal import Principal
from app.mail.compose import new_mail
from app.mail.model import Template
from app.ports.conflicts import rerun_on_conflict
from app.sessions.end import forget_tokens
from app.sessions.model import EndReason, Session
from app.sessions.recent import require_recent_sign_in


async def delete_me(services: AccountServices, principal: Principal) -> None:
    """Remove the account with everything that is known of the person; nothing brings it back.

    The confirmed address is told. Who signs in with a formerly linked social account afterwards is a newcomer.

    Raises:
        RecentSignInNeeded: the session began more than ten minutes ago.
        LastSuperuser: nobody else could do what this account can.
    """
    await require_recent_sign_in(services.sessions, principal)
    await forget_tokens(services.sessions, await _erase(services, principal))


@rerun_on_conflict
async def _erase(services: AccountServices, principal: Principal) -> Sequence[Session]:
    now = services.clock.now()
    async with services.storage.transaction() as tx:
        user = await tx.users.lock(principal.user_id)
        ending = await tx.sessions.open_of(principal.user_id, at=now)
        if user is None or all(each.id != principal.session_id for each in ending):
            raise AuthenticationRequired(invalid=True)
        await keep_a_superuser(tx, user.id)
        recipient = await tx.recipients.of_user(user.id)
        if recipient is not None:
            await tx.outbox.add(new_mail(Template.ACCOUNT_DELETED, recipient, at=now))
        await tx.sessions.end([each.id for each in ending], at=now, reason=EndReason.ACCOUNT_DELETED)
        await tx.users.delete(user.id)
    return ending
