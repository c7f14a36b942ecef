"""End sessions: this one, the others, or all of a person. First in SQL, then in the token store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.errors import NotFound
from app.http.client import Client
from app.http.principal import Principal
from app.ports.conflicts import rerun_on_conflict
from app.ports.tokens import EndedSession
from app.sessions.errors import RefreshTokenInvalid
from app.sessions.jws import TokenInvalid
from app.sessions.model import EndReason, LoginEvent, LoginOutcome, Session
from app.sessions.repository import SessionsTransaction
from app.sessions.services import SessionServices
from app.sessions.tokens import read_refresh

TOLD_AGAIN = timedelta(hours=24)  # how long a token store may have missed an end

_OUTCOMES = {
    EndReason.LOGOUT: LoginOutcome.LOGGED_OUT,
    EndReason.LOGOUT_OTHERS: LoginOutcome.LOGGED_OUT_OTHERS,
    EndReason.LOGOUT_EVERYWHERE: LoginOutcome.LOGGED_OUT_EVERYWHERE,
    EndReason.ENDED_BY_OWNER: LoginOutcome.SESSION_ENDED,
}


@dataclass(frozen=True, kw_only=True)
class _Ending:
    """Whose sessions are to end, which of them and why, and where that was asked."""

    user_id: UUID
    reason: EndReason
    chosen: Callable[[Session], bool]
    client: Client


async def logout(services: SessionServices, principal: Principal, client: Client) -> None:
    """End the session that the caller's access token belongs to."""
    await _end(services, _one(principal.user_id, principal.session_id, EndReason.LOGOUT, client))


async def logout_others(services: SessionServices, principal: Principal, client: Client) -> None:
    """End every session of the person but the caller's."""
    mine, reason = principal.session_id, EndReason.LOGOUT_OTHERS
    await _end(
        services,
        _Ending(user_id=principal.user_id, reason=reason, chosen=lambda each: each.id != mine, client=client),
    )


async def logout_everywhere(services: SessionServices, principal: Principal, client: Client) -> None:
    """End every session of the person, the caller's included."""
    reason = EndReason.LOGOUT_EVERYWHERE
    await _end(services, _Ending(user_id=principal.user_id, reason=reason, chosen=lambda _: True, client=client))


async def logout_by_refresh_token(services: SessionServices, refresh_token: str, client: Client) -> None:
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
    await _end(services, _one(claims.user_id, claims.session_id, EndReason.LOGOUT, client))


async def end_session(services: SessionServices, principal: Principal, session_id: UUID, client: Client) -> None:
    """End one session of the person, on whatever device.

    Raises:
        NotFound: the person has no such session, or it has ended.
    """
    if not await _end(services, _one(principal.user_id, session_id, EndReason.ENDED_BY_OWNER, client)):
        raise NotFound


async def end_all(
    tx: SessionsTransaction, user_id: UUID, *, at: datetime, reason: EndReason
) -> tuple[Sequence[Session], Sequence[Session]]:
    """End every session of an account in the caller's transaction, which has locked the account.

    Returns:
        The sessions that have ended by it; and those whose tokens are to be forgotten after the transaction, which
        are more: the token store may have been away when others ended.
    """
    recent = await tx.sessions.recent_of(user_id, at=at, ended_since=at - TOLD_AGAIN)
    ended = [each for each in recent if each.ended_at is None]
    await tx.sessions.end([each.id for each in ended], at=at, reason=reason)
    return ended, recent


async def forget_tokens(services: SessionServices, sessions: Sequence[Session]) -> None:
    """Make the tokens of sessions worthless; call after the transaction that ended the rows."""
    await services.tokens.end([ended_session(each) for each in sessions])


def ended_session(session: Session) -> EndedSession:
    """What the token store has to know of a session that has ended."""
    return EndedSession(session_id=session.id, user_id=session.user_id, expires_at=session.expires_at)


def _one(user_id: UUID, session_id: UUID, reason: EndReason, client: Client) -> _Ending:
    return _Ending(user_id=user_id, reason=reason, chosen=lambda each: each.id == session_id, client=client)


@rerun_on_conflict
async def _end(services: SessionServices, ending: _Ending) -> Sequence[Session]:
    """End what is chosen; give what has ended by it.

    The token store is told of those as well that have just ended: it may have been away at that moment.
    """
    now = services.clock.now()
    async with services.storage.transaction() as tx:
        recent = await tx.sessions.recent_of(ending.user_id, at=now, ended_since=now - TOLD_AGAIN)
        chosen = [each for each in recent if ending.chosen(each)]
        ended = [each for each in chosen if each.ended_at is None]
        await tx.sessions.end([each.id for each in ended], at=now, reason=ending.reason)
        if ended:
            await tx.history.add(_event(ending, ended, now))
    await forget_tokens(services, chosen)
    return ended


def _event(ending: _Ending, ended: Sequence[Session], now: datetime) -> LoginEvent:
    """One line, however many sessions it was."""
    return LoginEvent(
        id=uuid7(),
        at=now,
        user_id=ending.user_id,
        outcome=_OUTCOMES[ending.reason],
        method=ended[0].method,
        social=ended[0].social,
        client=ending.client,
        session_id=ended[0].id if len(ended) == 1 else None,
    )
