"""Tell one of the cinema's services what a token is worth at this moment (RFC 7662)."""

from dataclasses import dataclass
from uuid import UUID

from app.sessions.authenticate import find_session
from app.sessions.services import SessionServices


@dataclass(frozen=True, kw_only=True)
class Introspection:
    """What a token that works says, with the roles and permissions of now. Moments are in seconds since 1970."""

    user_id: UUID
    session_id: UUID
    roles: tuple[str, ...]
    permissions: tuple[str, ...]
    issued_at: int
    expires_at: int


async def introspect(services: SessionServices, token: str) -> Introspection | None:
    """Judge an access token as this service would if it came with a request; `None` when it opens nothing.

    A refresh token opens nothing either: nobody but the client that holds it has to see one.

    Raises:
        TemporarilyUnavailable: the session's state or its roles cannot be read.
    """
    found = await find_session(services, token)
    if found is None:
        return None
    claims, state = found
    return Introspection(
        user_id=state.user_id,
        session_id=state.session_id,
        roles=state.roles,
        permissions=tuple(sorted(await services.roles.permissions_of(state.roles))),
        issued_at=claims.issued_at,
        expires_at=claims.expires_at,
    )
