"""Finish the link of an identity that met somebody's account, over HTTP."""

from typing import Any

from litestar import Request, Response, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from app.accounts.errors import AccountBlocked, CurrentPasswordWrong
from app.errors import AuthenticationRequired, TemporarilyUnavailable, TooManyRequests
from app.http.dependencies import FromAuthenticate, FromClient, FromLimits
from app.http.limits import EXCHANGE_NETWORK
from app.http.openapi import BEARER, body_problems
from app.http.principal import bearer_token
from app.sessions.errors import RecentSignInNeeded
from app.sessions.schemas import NO_STORE
from app.social import errors
from app.social.complete_link import Proof, complete_link
from app.social.routes.shared import FromLoginCookie, FromSocial, pair_body
from app.social.schemas import CompleteLinkBody, SocialTokenPairBody

_LINKED = ResponseSpec(data_container=None, description="Linked to the account that is signed in")


@post(
    "/oauth/link",
    operation_id="complete_link",
    summary="Link an identity to the account that it met",
    tags=["Social sign-in"],
    status_code=200,
    security=[{}, *BEARER],
    responses={
        204: _LINKED,
        **body_problems(
            errors.LinkTokenInvalid, errors.LinkNotYours, errors.IdentityInUse, errors.ProviderLinkedAlready,
            errors.ProviderUnknown, errors.SocialLoginRefused, CurrentPasswordWrong, AccountBlocked,
            AuthenticationRequired, RecentSignInNeeded, TooManyRequests, TemporarilyUnavailable,
        ),
    },
)  # fmt: skip
async def complete_link_route(
    request: Request[Any, Any, Any],
    data: JSONBody[CompleteLinkBody],
    social_services: FromSocial,
    authenticate: FromAuthenticate,
    login_cookie: FromLoginCookie,
    client: FromClient,
    limits: FromLimits,
) -> Response[SocialTokenPairBody | None]:
    """Takes the `link_token` of an `account-exists` problem, and one proof that the account is the person's own.

    - `password`: of that account; links and answers a token pair. It counts as a try to sign in.
    - an access token of that account, signed in within the last ten minutes by any of the `ways`: links, 204.
    - `separate`: no proof; makes a new account without the address of the other one, and answers its pair.

    After a wrong proof the token lives on, five times at most. With `replace` another account of the same network is
    unlinked first; without, it is refused as `provider-linked-already`.
    """
    await limits.check(EXCHANGE_NETWORK, client.network)
    is_signed_in = "authorization" in request.headers
    proof = Proof(
        code_verifier=data.code_verifier,
        browser_keys=login_cookie.read_all(request.cookies),
        principal=await authenticate(bearer_token(request)) if is_signed_in else None,
        password=data.password,
        separate=data.separate,
        replace=data.replace,
        client=client,
    )
    signed_in = await complete_link(social_services, limits, data.link_token, proof)
    if signed_in is None:
        return Response(None, status_code=204)
    return Response(pair_body(signed_in), headers=NO_STORE)
