"""Questions of the cinema's other services, over HTTP."""

from typing import Any

from litestar import Request, Response, post
from litestar.di import NamedDependency, Provide
from litestar.params import URLEncodedBody

from app.errors import TemporarilyUnavailable, TooManyRequests
from app.http.body import refuse_ambiguous_form
from app.http.dependencies import FromClient, FromLimits
from app.http.limits import TOKEN_GUESS_NETWORK
from app.http.openapi import SERVICE_CLIENT, body_problems
from app.sessions.errors import ClientAuthenticationRequired
from app.sessions.introspect import introspect
from app.sessions.model import ServiceClient
from app.sessions.routes.devices import FromSessions
from app.sessions.schemas import NO_STORE, IntrospectBody, IntrospectionBody


async def provide_asking(
    request: Request[Any, Any, Any], sessions: FromSessions, client: FromClient, limits: FromLimits
) -> ServiceClient:
    """The dependency `asking`: which service it is, or the end of the request."""
    try:
        return await sessions.clients.authenticate(request.headers.getall("authorization", []))
    except ClientAuthenticationRequired:
        await limits.check(TOKEN_GUESS_NETWORK, client.network)
        raise


@post(
    "/introspect",
    operation_id="introspect",
    summary="What an access token is worth now",
    tags=["Service"],
    status_code=200,
    security=SERVICE_CLIENT,
    dependencies={"asking": Provide(provide_asking)},
    before_request=refuse_ambiguous_form,
    responses=body_problems(ClientAuthenticationRequired, TooManyRequests, TemporarilyUnavailable),
)
async def introspect_route(
    data: URLEncodedBody[IntrospectBody], asking: NamedDependency[ServiceClient], sessions: FromSessions
) -> Response[IntrospectionBody]:
    """RFC 7662, for the cinema's own services. `active` is `false` for whatever opens nothing, without a reason.

    Roles and permissions are those of now, not those in the token. `*` stands for every permission.
    """
    found = await introspect(sessions, data.token)
    return Response(IntrospectionBody.of(found, sessions.policy), headers=NO_STORE)
