"""Sign in with a provider, over HTTP."""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Redirect

from app.errors import AuthenticationRequired, TemporarilyUnavailable, TooManyRequests
from app.http.dependencies import FromClient, FromLimits
from app.http.limits import EXCHANGE_NETWORK, SOCIAL_START_NETWORK
from app.http.openapi import body_problems, query_problems
from app.http.query import refuse_ambiguous_query
from app.sessions.schemas import NO_STORE
from app.social import errors
from app.social.attempt import cookie_suffix
from app.social.callback import ProviderReturn
from app.social.complete import Linked, SendBack, SignedIn, complete
from app.social.handover import exchange
from app.social.routes.shared import FromLoginCookie, FromSocial, describe_account, pair_body
from app.social.schemas import AuthorizeUrlBody, ExchangeBody, Locale, ProviderBody, SocialTokenPairBody
from app.social.start import StartOptions, start

ASSETS_PATH = "/auth/api/v1/assets/social"
StateText = Annotated[str | None, QueryParameter(name="state", max_length=4096)]
AnyRequest = Request[Any, Any, Any]

SocialQuery = Annotated[
    str, QueryParameter(name="social", description="`yandex`, `vk`, `google` or `mail`.", max_length=16)
]
Text = Annotated[str | None, QueryParameter(max_length=4096)]


@get(
    "/oauth/providers",
    operation_id="list_providers",
    summary="The providers to offer",
    tags=["Social sign-in"],
    responses=query_problems(),
)
async def list_providers(social_services: FromSocial, locale: FromQuery[Locale] = "ru") -> list[ProviderBody]:
    """In the order in which to show them. `available` is false for some seconds while a provider does not answer."""
    return [
        ProviderBody(
            social=offer.provider.social,
            title=offer.provider.title[locale],
            icon=f"{ASSETS_PATH}/{offer.provider.icon}",
            available=offer.outages.is_over(),
        )
        for offer in social_services.catalogue
    ]


@get(
    "/oauth/login",
    operation_id="social_login",
    summary="Begin a sign-in with a provider",
    tags=["Social sign-in"],
    status_code=302,
    responses=query_problems(
        errors.ProviderUnknown, errors.ReturnAddressRefused, errors.ProviderUnavailable,
        TooManyRequests, TemporarilyUnavailable,
    ),
)  # fmt: skip
async def social_login(
    request: AnyRequest,
    social_services: FromSocial,
    login_cookie: FromLoginCookie,
    client: FromClient,
    limits: FromLimits,
    social: SocialQuery,
    return_to: Text = None,
    code_challenge: Text = None,
    locale: FromQuery[Locale] = "ru",
) -> Response[Any]:
    """Redirects the browser to the provider, or answers the address as JSON to `Accept: application/json`.

    With `return_to` (on the allow-list) and `code_challenge` (S256) the browser comes back to that page
    with a one-time code for `POST /oauth/exchange`; without, the callback itself answers the pair.
    """
    refuse_ambiguous_query(request)
    await limits.check(SOCIAL_START_NETWORK, client.network)
    options = StartOptions(locale=locale, return_to=return_to, code_challenge=code_challenge)
    departure = await start(social_services, social, options)
    cookies = [login_cookie.carry(departure)]
    if "application/json" in request.headers.get("accept", ""):
        body = AuthorizeUrlBody(authorize_url=departure.authorize_url)
        return Response(body, status_code=200, cookies=cookies, headers=NO_STORE)
    return Redirect(departure.authorize_url, status_code=302, cookies=cookies, headers=NO_STORE)


_CALLBACK_PROBLEMS = query_problems(
    errors.CallbackMalformed, errors.LoginStateInvalid, errors.IssuerMismatch,
    errors.AuthorizationCodeRefused, errors.LoginDenied, errors.SocialLoginRefused, errors.ProviderUnknown,
    errors.AccountExists, errors.IdentityInUse, errors.ProviderLinkedAlready, AuthenticationRequired,
    errors.ProviderAnswerInvalid, errors.ProviderUnavailable, TemporarilyUnavailable,
)  # fmt: skip


@get(
    "/oauth/authorize",
    operation_id="social_authorize",
    summary="Where the provider sends the browser back",
    tags=["Social sign-in"],
    responses=_CALLBACK_PROBLEMS,
)
async def social_authorize(
    request: AnyRequest,
    social_services: FromSocial,
    login_cookie: FromLoginCookie,
    client: FromClient,
    social: SocialQuery,
    code: Text = None,
    oauth_state: StateText = None,
    error: Text = None,
    iss: Text = None,
    device_id: Text = None,
) -> Response[Any]:
    """Answers the usual pair plus `is_new_account`; or, if the sign-in began with `return_to`, goes there.

    The way back carries `code`, a one-time code for `POST /oauth/exchange`, or `error`, a problem code; with
    `account-exists` both.

    Of an attempt to link (`POST /me/social-accounts/{social}`): the linked account, or `linked=1` on the way back.
    """
    refuse_ambiguous_query(request)
    extra = {"device_id": device_id} if device_id is not None else {}
    answer = ProviderReturn(code=code, state=oauth_state, error=error, issuer=iss, extra=extra)
    suffix = cookie_suffix(oauth_state or "")
    browser_key = request.cookies.get(login_cookie.name(suffix))
    outcome = await complete(social_services, social, answer, browser_key=browser_key, client=client)
    spent = [login_cookie.make(suffix, "", max_age=0)]
    match outcome:
        case SignedIn():
            return Response(pair_body(outcome), cookies=spent, headers=NO_STORE)
        case Linked(account=account, locale=locale):
            body = describe_account(social_services, account, "en" if locale == "en" else "ru")
            return Response(body, cookies=spent, headers=NO_STORE)
        case SendBack(address):
            return Redirect(address, status_code=303, cookies=spent, headers=NO_STORE)


@get("/oauth/authorize/{social:str}", include_in_schema=False)
async def social_authorize_by_path(
    request: AnyRequest,
    social_services: FromSocial,
    login_cookie: FromLoginCookie,
    client: FromClient,
    social: FromPath[str],
    code: Text = None,
    oauth_state: StateText = None,
    error: Text = None,
    iss: Text = None,
    device_id: Text = None,
) -> Response[Any]:
    """The same, for developer consoles that refuse a query in the redirect URI."""
    callback: Any = social_authorize.fn
    answered: Response[Any] = await callback(
        request, social_services, login_cookie, client, social, code, oauth_state, error, iss, device_id
    )
    return answered


@post(
    "/oauth/exchange",
    operation_id="exchange_code",
    summary="Trade the one-time code for the token pair",
    tags=["Social sign-in"],
    status_code=200,
    responses=body_problems(errors.HandOverCodeInvalid, errors.AccountExists, TooManyRequests, TemporarilyUnavailable),
)
async def exchange_code(
    data: JSONBody[ExchangeBody],
    social_services: FromSocial,
    client: FromClient,
    limits: FromLimits,
) -> Response[SocialTokenPairBody]:
    """Works once, within a minute of the redirect, with the verifier of the `code_challenge`.

    After `error=account-exists` the code fetches that problem, with a `link_token` for `POST /oauth/link` and the
    `ways` into the account.
    """
    await limits.check(EXCHANGE_NETWORK, client.network)
    handed_over = await exchange(social_services, code=data.code, code_verifier=data.code_verifier)
    return Response(pair_body(handed_over), headers=NO_STORE)
