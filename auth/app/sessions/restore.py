"""Bring back a session that the token store has lost: the row in SQL is the truth."""

from uuid import UUID

from app.ports.conflicts import rerun_on_conflict
from app.ports.tokens import TokenState
from app.sessions.open import first_state
from app.sessions.services import SessionServices


async def find_state(services: SessionServices, user_id: UUID, session_id: UUID) -> TokenState | None:
    """The state of a session, restored if the token store has lost it."""
    return await services.tokens.find(user_id, session_id) or await restore(services, session_id)


@rerun_on_conflict
async def restore(services: SessionServices, session_id: UUID) -> TokenState | None:
    """Look a session up in SQL and put it in force again unless it has ended.

    Nobody is logged out by an empty token store, and nothing that was revoked returns.
    """
    async with services.storage.reading() as tx:
        session = await tx.sessions.get(session_id)
        if session is None or session.ended_at is not None or session.expires_at <= services.clock.now():
            return None
        state = first_state(session, *await tx.roles.names_and_version(session.user_id))
    await services.tokens.start(state)
    return await services.tokens.find(state.user_id, session_id)
