"""Sign in with what a mobile app got from a provider, over HTTP."""

from litestar import Response, post
from litestar.params import JSONBody

from app.errors import TemporarilyUnavailable, TooManyRequests
from app.http.dependencies import FromClient, FromLimits
from app.http.limits import SOCIAL_START_NETWORK
from app.http.openapi import body_problems
from app.sessions.schemas import NO_STORE
from app.social import errors
from app.social.callback import ProviderReturn
from app.social.native import NativeReturn, sign_in_natively
from app.social.routes.shared import FromSocial, pair_body
from app.social.schemas import NativeBody, SocialTokenPairBody


@post(
    "/oauth/native",
    operation_id="social_native",
    summary="Sign in with a code that a provider gave a mobile app",
    tags=["Social sign-in"],
    status_code=200,
    responses=body_problems(
        errors.ProviderUnknown, errors.NativeSignInUnsupported, errors.RedirectUriRefused, errors.CallbackMalformed,
        errors.AuthorizationCodeRefused, errors.SocialLoginRefused, errors.AccountExists, errors.ProviderAnswerInvalid,
        errors.ProviderUnavailable, TooManyRequests, TemporarilyUnavailable,
    ),
)  # fmt: skip
async def social_native(
    data: JSONBody[NativeBody], social_services: FromSocial, client: FromClient, limits: FromLimits
) -> Response[SocialTokenPairBody]:
    """Takes an authorization code (never a provider's token), the app's PKCE verifier and the address the code came to.

    The address has to be listed in `AUTH_NATIVE_REDIRECT_URIS`. After `account-exists`, `POST /oauth/link` takes the
    same verifier.
    """
    await limits.check(SOCIAL_START_NETWORK, client.network)
    extra = {"device_id": data.device_id} if data.device_id is not None else {}
    given = NativeReturn(
        answer=ProviderReturn(code=data.code, extra=extra),
        code_verifier=data.code_verifier,
        redirect_uri=data.redirect_uri,
    )
    return Response(
        pair_body(await sign_in_natively(social_services, data.social, given, client=client)), headers=NO_STORE
    )
