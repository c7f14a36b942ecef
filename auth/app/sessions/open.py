"""Begin a session: the row inside the caller's transaction, the tokens after it."""

from uuid_utils.compat import uuid7

from app.ports.tokens import TokenState
from app.sessions.model import LoginEvent, LoginOutcome, Session, SignIn
from app.sessions.new_device import REMEMBERED, tell_of_new_device
from app.sessions.repository import SessionsTransaction
from app.sessions.services import SessionServices
from app.sessions.tokens import TokenPair, issue


async def write_session(services: SessionServices, tx: SessionsTransaction, sign_in: SignIn) -> TokenState:
    """Write the session and its line in the login history; give the state that tokens are made of.

    The owner is told when the device is a new one. The caller has locked the account, so that of many sign-ins
    at once from one device one is news, and whoever ends all sessions at this moment overlooks none.
    """
    session, event = new_session(services, sign_in)
    lately = await tx.history.appearances(sign_in.user_id, limit=REMEMBERED)
    roles, version = await tx.sessions.begin(session, event)
    await tell_of_new_device(services, tx, session, sign_in, lately)
    return first_state(session, roles, version)


def new_session(services: SessionServices, sign_in: SignIn) -> tuple[Session, LoginEvent]:
    """What is to be written of a sign-in: the session and its line in the login history."""
    now = services.clock.now()
    session = Session(
        id=uuid7(),
        user_id=sign_in.user_id,
        method=sign_in.method,
        social=sign_in.social,
        client=sign_in.client,
        created_at=now,
        expires_at=now + services.policy.refresh_absolute_ttl,
    )
    event = LoginEvent(
        id=uuid7(),
        at=now,
        user_id=sign_in.user_id,
        outcome=LoginOutcome.SUCCEEDED,
        method=sign_in.method,
        social=sign_in.social,
        client=sign_in.client,
        session_id=session.id,
    )
    return session, event


def first_state(session: Session, roles: tuple[str, ...], version: int) -> TokenState:
    """The state of a session that has not been refreshed yet."""
    return TokenState(
        session_id=session.id,
        user_id=session.user_id,
        generation=0,
        rotated_at=session.created_at,
        expires_at=session.expires_at,
        roles=roles,
        roles_version=version,
    )


async def issue_first_pair(services: SessionServices, state: TokenState) -> TokenPair:
    """Put a written session in force and make its first pair; call after the transaction."""
    await services.tokens.start(state)
    return issue(state, ring=await services.keys.current(), policy=services.policy)
