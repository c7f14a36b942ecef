"""End sessions: this one, the others, or all of a person. First in SQL, then in the token store."""

from collections.abc import Callable, Sequence
from uuid import UUID

from app.http.principal import Principal
from app.ports.conflicts import rerun_on_conflict
from app.ports.tokens import EndedSession
from app.sessions.errors import RefreshTokenInvalid
from app.sessions.jws import TokenInvalid
from app.sessions.model import EndReason, Session
from app.sessions.services import SessionServices
from app.sessions.tokens import read_refresh


async def logout(services: SessionServices, principal: Principal) -> None:
    """End the session that the caller's access token belongs to."""
    await _end_where(services, principal.user_id, EndReason.LOGOUT, lambda each: each.id == principal.session_id)


async def logout_others(services: SessionServices, principal: Principal) -> None:
    """End every session of the person but the caller's."""
    reason = EndReason.LOGOUT_OTHERS
    await _end_where(services, principal.user_id, reason, lambda each: each.id != principal.session_id)


async def logout_everywhere(services: SessionServices, principal: Principal) -> None:
    """End every session of the person, the caller's included."""
    await _end_where(services, principal.user_id, EndReason.LOGOUT_EVERYWHERE, lambda _: True)


async def logout_by_refresh_token(services: SessionServices, refresh_token: str) -> None:
    """End the session of a refresh token, for clients whose access token has expired.

    Any generation will do: whoever holds an old token may end the session, and nothing else.

    Raises:
        RefreshTokenInvalid: not ours, or expired.
    """
    ring = await services.keys.current()
    try:
        claims = read_refresh(refresh_token, ring=ring, policy=services.policy, now=services.clock.now())
    except TokenInvalid:
        raise RefreshTokenInvalid from None
    await _end_where(services, claims.user_id, EndReason.LOGOUT, lambda each: each.id == claims.session_id)


async def forget_tokens(services: SessionServices, sessions: Sequence[Session]) -> None:
    """Make the tokens of sessions worthless; call after the transaction that ended the rows."""
    await services.tokens.end([ended_session(each) for each in sessions])


def ended_session(session: Session) -> EndedSession:
    """What the token store has to know of a session that has ended."""
    return EndedSession(session_id=session.id, user_id=session.user_id, expires_at=session.expires_at)


@rerun_on_conflict
async def _end_where(
    services: SessionServices, user_id: UUID, reason: EndReason, chosen: Callable[[Session], bool]
) -> None:
    now = services.clock.now()
    async with services.storage.transaction() as tx:
        ending = [each for each in await tx.sessions.open_of(user_id, at=now) if chosen(each)]
        await tx.sessions.end([each.id for each in ending], at=now, reason=reason)
    await forget_tokens(services, ending)
