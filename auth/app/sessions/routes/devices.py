"""A person's devices and login history over HTTP."""

from uuid import UUID

from litestar import delete, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.errors import NotFound
from app.http.dependencies import FromClient, FromPrincipal
from app.http.openapi import BEARER, principal_problems, query_problems
from app.http.paging import FromPage
from app.sessions import devices, end
from app.sessions.schemas import LoginEventBody, LoginEventPageBody, SessionBody, SessionPageBody
from app.sessions.services import SessionServices

FromSessions = NamedDependency[SessionServices]


@get(
    "/me/sessions",
    operation_id="list_sessions",
    summary="The devices that are signed in",
    tags=["Devices"],
    security=BEARER,
    responses=principal_problems() | query_problems(),
)
async def list_sessions(principal: FromPrincipal, sessions: FromSessions, page: FromPage) -> SessionPageBody:
    """Newest sign-in first. `current` marks the one that asks."""
    shown = await devices.list_sessions(sessions, principal, page)
    return SessionPageBody(items=[SessionBody.of(each) for each in shown.items], next_cursor=shown.next_cursor)


@delete(
    "/me/sessions/{session_id:uuid}",
    operation_id="end_session",
    summary="Sign a device out",
    tags=["Devices"],
    status_code=204,
    security=BEARER,
    responses=principal_problems() | query_problems(NotFound),
)
async def end_session(
    session_id: FromPath[UUID], principal: FromPrincipal, sessions: FromSessions, client: FromClient
) -> None:
    """Its tokens are worthless from the answer on."""
    await end.end_session(sessions, principal, session_id, client)


@get(
    "/me/logins",
    operation_id="list_logins",
    summary="The login history",
    tags=["Devices"],
    security=BEARER,
    responses=principal_problems() | query_problems(),
)
async def list_logins(principal: FromPrincipal, sessions: FromSessions, page: FromPage) -> LoginEventPageBody:
    """Newest first: sign-ins that succeeded, those that failed and why, and what changed the account."""
    shown = await devices.list_logins(sessions, principal.user_id, page)
    return LoginEventPageBody(items=[LoginEventBody.of(each) for each in shown.items], next_cursor=shown.next_cursor)
