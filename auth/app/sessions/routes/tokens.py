"""Tokens over HTTP."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from app.errors import AuthenticationRequired, TemporarilyUnavailable, TooManyRequests
from app.http.dependencies import FromAuthenticate, FromClient, FromLimits, FromPrincipal
from app.http.limits import TOKEN_GUESS_NETWORK
from app.http.openapi import BEARER, body_problems, principal_problems, problems
from app.http.principal import bearer_token
from app.sessions import end
from app.sessions.errors import RefreshTokenInvalid, RefreshTokenReused
from app.sessions.keyring import JWKS_MAX_AGE
from app.sessions.rotate import rotate
from app.sessions.schemas import NO_STORE, LogoutBody, RefreshBody, TokenPairBody
from app.sessions.services import SessionServices

FromSessions = NamedDependency[SessionServices]

JWKS_HEADERS = {"Cache-Control": f"public, max-age={int(JWKS_MAX_AGE.total_seconds())}"}


@post(
    "/refresh",
    operation_id="refresh",
    summary="Trade the refresh token for the next pair",
    tags=["Sign-in"],
    status_code=200,
    responses=body_problems(RefreshTokenInvalid, RefreshTokenReused, TooManyRequests, TemporarilyUnavailable),
)
async def refresh(
    data: JSONBody[RefreshBody],
    sessions: FromSessions,
    client: FromClient,
    limits: FromLimits,
) -> Response[TokenPairBody]:
    """Rotates the refresh token. Safe to retry: within ten seconds the replaced token gets *the same* pair again.

    Later, or with any older token, the session ends: somebody has a copy.
    """
    try:
        pair = await rotate(sessions, data.refresh_token)
    except RefreshTokenInvalid:
        # Only these are counted: behind one address of a mobile network thousands of people refresh all the time.
        await limits.check(TOKEN_GUESS_NETWORK, client.network)
        raise
    return Response(TokenPairBody.of(pair), headers=NO_STORE)


@post(
    "/logout",
    operation_id="logout",
    summary="End this session",
    tags=["Sign-in"],
    status_code=204,
    security=BEARER,
    responses=body_problems(AuthenticationRequired, RefreshTokenInvalid, TemporarilyUnavailable),
)
async def logout(
    request: Request[Any, Any, Any],
    sessions: FromSessions,
    authenticate: FromAuthenticate,
    client: FromClient,
    data: JSONBody[LogoutBody | None] = None,
) -> None:
    """Takes the bearer access token, or a refresh token in the body."""
    if data is not None:
        await end.logout_by_refresh_token(sessions, data.refresh_token, client)
        return
    await end.logout(sessions, await authenticate(bearer_token(request)), client)


@post(
    "/logout/others",
    operation_id="logout_others",
    summary="End the sessions on all other devices",
    tags=["Sign-in"],
    status_code=204,
    security=BEARER,
    responses=principal_problems(),
)
async def logout_others(principal: FromPrincipal, sessions: FromSessions, client: FromClient) -> None:
    """The session that asks stays."""
    await end.logout_others(sessions, principal, client)


@post(
    "/logout/all",
    operation_id="logout_everywhere",
    summary="End every session of this account",
    tags=["Sign-in"],
    status_code=204,
    security=BEARER,
    responses=principal_problems(),
)
async def logout_everywhere(principal: FromPrincipal, sessions: FromSessions, client: FromClient) -> None:
    """The session that asks ends too."""
    await end.logout_everywhere(sessions, principal, client)


@get(
    "/.well-known/jwks.json",
    operation_id="jwks",
    summary="The public keys of access tokens",
    tags=["Service"],
    responses=problems(TemporarilyUnavailable),
)
async def jwks(sessions: FromSessions) -> Response[dict[str, Any]]:
    """A JWK set (RFC 7517). Cache it as the header says; a new key is shown well before it signs."""
    return await answer_jwks(sessions)


async def answer_jwks(sessions: SessionServices) -> Response[dict[str, Any]]:
    ring = await sessions.keys.current()
    return Response(ring.jwks(sessions.clock.now()), headers=JWKS_HEADERS)


@get("/.well-known/jwks.json", include_in_schema=False)
async def jwks_at_root(sessions: FromSessions) -> Response[dict[str, Any]]:
    """The same at the host's root, where some libraries look."""
    return await answer_jwks(sessions)
