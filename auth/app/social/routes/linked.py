"""The accounts at providers that the own account is linked with, over HTTP."""

from litestar import Response, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from app.errors import AuthenticationRequired, NotFound, TemporarilyUnavailable, TooManyRequests
from app.http.dependencies import FromClient, FromLimits, FromPrincipal
from app.http.limits import SOCIAL_START_NETWORK
from app.http.openapi import BEARER, body_problems, query_problems
from app.sessions.errors import RecentSignInNeeded
from app.sessions.recent import require_recent_sign_in
from app.sessions.schemas import NO_STORE
from app.social import errors
from app.social.asker import Asker
from app.social.catalogue import ALIASES
from app.social.linked import list_linked
from app.social.model import Linking
from app.social.routes.shared import FromLoginCookie, FromSocial, describe_account
from app.social.schemas import AuthorizeUrlBody, LinkBody, Locale, SocialAccountBody
from app.social.start import StartOptions, start
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


@post(
    "/me/social-accounts/{social:str}",
    operation_id="link_social_account",
    summary="Begin to link a network",
    tags=["Social sign-in"],
    status_code=200,
    security=BEARER,
    responses=body_problems(
        AuthenticationRequired, RecentSignInNeeded, errors.ProviderUnknown, errors.ReturnAddressRefused,
        errors.ProviderUnavailable, TooManyRequests, TemporarilyUnavailable,
    ),
)  # fmt: skip
async def link_social_account(
    social: FromPath[str],
    principal: FromPrincipal,
    social_services: FromSocial,
    login_cookie: FromLoginCookie,
    client: FromClient,
    limits: FromLimits,
    data: JSONBody[LinkBody | None] = None,
) -> Response[AuthorizeUrlBody]:
    """Needs a sign-in within the last ten minutes. Send the browser to the address; the provider sends it back here.

    The callback links instead of signing in, as long as the session that began still stands and the browser has the
    cookie of this answer. With `return_to` (on the allow-list) it leads to that page with `linked=1` or
    `error=<problem code>`; without, it answers the linked account.

    With `code_challenge` no cookie is needed, for programs that do not share the browser's: that page gets a
    `link_token`, and the link is finished by `POST /oauth/link` with the verifier and this session's access token.
    """
    await limits.check(SOCIAL_START_NETWORK, client.network)
    await require_recent_sign_in(social_services.sessions, principal)
    wishes = data or LinkBody()
    linking = Linking(user_id=principal.user_id, session_id=principal.session_id)
    options = StartOptions(
        locale=wishes.locale, return_to=wishes.return_to, code_challenge=wishes.code_challenge, linking=linking
    )
    departure = await start(social_services, social, options)
    body = AuthorizeUrlBody(authorize_url=departure.authorize_url)
    cookies = [login_cookie.carry(departure)] if departure.needs_cookie else []
    return Response(body, cookies=cookies, headers=NO_STORE)


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
