"""Refresh: trade the newest refresh token of a session for the next pair."""

from uuid import UUID

from uuid_utils.compat import uuid7

from app.mail.compose import new_mail
from app.mail.model import Template
from app.ports.conflicts import rerun_on_conflict
from app.ports.tokens import Rotation, RotationOutcome
from app.sessions.errors import RefreshTokenInvalid, RefreshTokenReused
from app.sessions.jws import TokenInvalid
from app.sessions.model import EndReason, LoginEvent, LoginOutcome
from app.sessions.restore import restore
from app.sessions.services import SessionServices
from app.sessions.tokens import RefreshClaims, TokenPair, issue, read_refresh


async def rotate(services: SessionServices, refresh_token: str) -> TokenPair:
    """Give the next pair; inside the reuse window a repeated token gets the very same pair.

    Raises:
        RefreshTokenInvalid: not ours, expired, or the session has ended.
        RefreshTokenReused: an older token came back; the session has ended in this very step.
    """
    ring = await services.keys.current()
    try:
        claims = read_refresh(refresh_token, ring=ring, policy=services.policy, now=services.clock.now())
    except TokenInvalid:
        raise RefreshTokenInvalid from None
    rotation = await _rotate_state(services, claims)
    state = rotation.state
    match rotation.outcome:
        case RotationOutcome.ROTATED | RotationOutcome.REPEATED if state and state.user_id == claims.user_id:
            return issue(state, ring=ring, policy=services.policy)
        case RotationOutcome.REUSED:
            await _record_theft(services, claims.session_id)
            raise RefreshTokenReused
        case RotationOutcome.ENDED if state and state.ended:
            # Every other end is in SQL first. One that is not is a theft, in whose moment the database was away.
            await _record_theft(services, claims.session_id)
            raise RefreshTokenInvalid
        case _:
            raise RefreshTokenInvalid


async def _rotate_state(services: SessionServices, claims: RefreshClaims) -> Rotation:
    async def step() -> Rotation:
        return await services.tokens.rotate(
            claims.user_id,
            claims.session_id,
            claims.generation,
            now=services.clock.now(),
            window=services.policy.reuse_window,
        )

    rotation = await step()
    if rotation.outcome is RotationOutcome.UNKNOWN and await restore(services, claims.session_id):
        rotation = await step()
    return rotation


@rerun_on_conflict
async def _record_theft(services: SessionServices, session_id: UUID) -> None:
    """Write it down, unless the session has ended in SQL too; may be repeated, and by many at once.

    Raises:
        TemporarilyUnavailable: the database is away. Whoever comes next with a token of the session repeats it.
    """
    now = services.clock.now()
    async with services.storage.transaction() as tx:
        session = await tx.sessions.get(session_id)
        if session is None or session.ended_at is not None:
            return
        if not await tx.sessions.end([session.id], at=now, reason=EndReason.TOKEN_REUSED):
            return  # somebody else wrote it in this very moment
        event = LoginEvent(
            id=uuid7(),
            at=now,
            user_id=session.user_id,
            outcome=LoginOutcome.TOKEN_REUSED,
            method=session.method,
            social=session.social,
            client=session.client,
            session_id=session.id,
        )
        await tx.history.add(event)
        recipient = await tx.recipients.of_user(session.user_id)
        if recipient is not None:
            await tx.outbox.add(new_mail(Template.SESSION_REUSED, recipient, at=now))
