"""Who holds this access token, asked of the living state and not of the token alone."""

from app.errors import AuthenticationRequired
from app.http.principal import Principal
from app.ports.tokens import TokenState
from app.sessions.jws import TokenInvalid
from app.sessions.restore import find_state
from app.sessions.services import SessionServices
from app.sessions.tokens import AccessClaims, read_access


async def authenticate(services: SessionServices, access_token: str) -> Principal:
    """Check an access token and its session; a revoked one is refused at once.

    Raises:
        AuthenticationRequired: the token is not ours or has expired, or the session has ended.
        TemporarilyUnavailable: the session's state or its roles cannot be read, so nothing is allowed.
    """
    found = await find_session(services, access_token)
    if found is None:
        raise AuthenticationRequired(invalid=True)
    _, state = found
    permissions = await services.roles.permissions_of(state.roles)
    return Principal(user_id=state.user_id, session_id=state.session_id, roles=state.roles, permissions=permissions)


async def find_session(services: SessionServices, access_token: str) -> tuple[AccessClaims, TokenState] | None:
    """What an access token says, and the session that it belongs to; `None` when it opens nothing.

    Raises:
        TemporarilyUnavailable: the session's state cannot be read.
    """
    ring = await services.keys.current()
    now = services.clock.now()
    try:
        claims = read_access(access_token, ring=ring, policy=services.policy, now=now)
    except TokenInvalid:
        return None
    state = await find_state(services, claims.user_id, claims.session_id)
    if state is None or state.ended or state.expires_at <= now or state.user_id != claims.user_id:
        return None
    return claims, state
