"""Ask for a fresh proof of who is there before something that cannot be taken back lightly."""

from datetime import timedelta

from app.http.principal import Principal
from app.ports.conflicts import rerun_on_conflict
from app.sessions.errors import RecentSignInNeeded
from app.sessions.services import SessionServices

RECENT = timedelta(minutes=10)


@rerun_on_conflict
async def require_recent_sign_in(services: SessionServices, principal: Principal) -> None:
    """Let through who has just signed in, and not whoever found a page that was left open.

    Counts from the sign-in; a refresh proves nothing about the person.

    Raises:
        RecentSignInNeeded: the session began more than ten minutes ago.
    """
    async with services.storage.reading() as tx:
        session = await tx.sessions.get(principal.session_id)
    if session is None or services.clock.now() - session.created_at > RECENT:
        raise RecentSignInNeeded
