"""The feed of ended sessions, over HTTP."""

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from app.errors import TemporarilyUnavailable, TooManyRequests
from app.http.openapi import SERVICE_CLIENT, query_problems
from app.http.paging import MAX_CURSOR
from app.http.query import refuse_ambiguous_query
from app.sessions.errors import ClientAuthenticationRequired
from app.sessions.model import ServiceClient
from app.sessions.routes.devices import FromSessions
from app.sessions.routes.introspection import provide_asking
from app.sessions.schemas import NO_STORE, RevocationsBody

AfterQuery = Annotated[
    str | None,
    QueryParameter(name="after", max_length=MAX_CURSOR, description="The `cursor` of the answer before."),
]


@get(
    "/revocations",
    operation_id="list_revocations",
    summary="Which sessions have ended of late",
    tags=["Service"],
    security=SERVICE_CLIENT,
    dependencies={"asking": Provide(provide_asking)},
    responses=query_problems(ClientAuthenticationRequired, TooManyRequests, TemporarilyUnavailable),
)
async def list_revocations(
    request: Request[Any, Any, Any],
    asking: NamedDependency[ServiceClient],
    sessions: FromSessions,
    after: AfterQuery = None,
) -> Response[RevocationsBody]:
    """For services that judge access tokens by themselves: ask each second, and refuse the tokens of these sessions.

    Begin without `after`: all ends that a living token may belong to are told. What ended in the last half a minute is
    told again and again, in any order of pages: a `sid` that is known already is no news. `key_ids` are the keys that
    count now; when they change, ask for the JWK set again.
    """
    refuse_ambiguous_query(request)
    page = await sessions.revocations.after(after)
    ring = await sessions.keys.current()
    key_ids = [key.key_id for key in ring.shown(sessions.clock.now())]
    return Response(RevocationsBody.of(page, key_ids), headers=NO_STORE)
