"""Tokens, sessions and devices over HTTP."""

from litestar import Router

from app.sessions.routes.devices import end_session, list_logins, list_sessions
from app.sessions.routes.introspection import introspect_route
from app.sessions.routes.revocations import list_revocations
from app.sessions.routes.tokens import jwks, jwks_at_root, logout, logout_everywhere, logout_others, refresh

__all__ = ["jwks_at_root", "routes"]

routes = Router(
    "/",
    route_handlers=[
        refresh,
        logout,
        logout_others,
        logout_everywhere,
        list_sessions,
        end_session,
        list_logins,
        introspect_route,
        list_revocations,
        jwks,
    ],
)
