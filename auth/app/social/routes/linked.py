"""The accounts at providers that the own account is linked with, over HTTP."""

from litestar import Response, delete, get
from litestar.params import FromPath, FromQuery

from app.errors import AuthenticationRequired, NotFound, TemporarilyUnavailable
from app.http.dependencies import FromClient, FromPrincipal
from app.http.openapi import BEARER, query_problems
from app.sessions.errors import RecentSignInNeeded
from app.sessions.recent import require_recent_sign_in
from app.sessions.schemas import NO_STORE
from app.social import errors
from app.social.asker import Asker
from app.social.catalogue import ALIASES
from app.social.linked import list_linked
from app.social.routes.shared import FromSocial, describe_account
from app.social.schemas import Locale, SocialAccountBody
from app.social.unlink import unlink


@get(
    "/me/social-accounts",
    operation_id="list_social_accounts",
    summary="The networks that the own account is linked with",
    tags=["Social sign-in"],
    security=BEARER,
    responses=query_problems(AuthenticationRequired, TemporarilyUnavailable),
)
async def list_social_accounts(
    principal: FromPrincipal, social_services: FromSocial, locale: FromQuery[Locale] = "ru"
) -> Response[list[SocialAccountBody]]:
    """One of each network at most, the longest linked first."""
    accounts = await list_linked(social_services, principal.user_id)
    return Response([describe_account(social_services, each, locale) for each in accounts], headers=NO_STORE)


@delete(
    "/me/social-accounts/{social:str}",
    operation_id="unlink_social_account",
    summary="Unlink a network",
    tags=["Social sign-in"],
    security=BEARER,
    responses=query_problems(
        AuthenticationRequired, RecentSignInNeeded, NotFound, errors.LastSignInMethod, TemporarilyUnavailable
    ),
)
async def unlink_social_account(
    social: FromPath[str], principal: FromPrincipal, social_services: FromSocial, client: FromClient
) -> None:
    """Needs a sign-in within the last ten minutes. The other sessions that were opened through it end.

    Refused when the owner could not sign in any more: what counts is a password with a confirmed address,
    or another linked network that is offered here.
    """
    await require_recent_sign_in(social_services.sessions, principal)
    asker = Asker(user_id=principal.user_id, session_id=principal.session_id, client=client)
    await unlink(social_services, asker, ALIASES.get(social, social))
