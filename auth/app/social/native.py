"""Sign in with a code that a mobile app got from the provider itself."""

from dataclasses import dataclass, field

import structlog

from app.errors import AppError
from app.http.client import Client
from app.social.callback import ProviderReturn, check_code
from app.social.complete import SignedIn, sign_in
from app.social.errors import CallbackMalformed, NativeSignInUnsupported, RedirectUriRefused
from app.social.handover import is_code_verifier
from app.social.model import LoginAttempt
from app.social.oauth2 import code_challenge
from app.social.services import SocialServices

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class NativeReturn:
    """What an app brings.

    Attributes:
        answer: the code, and what the provider sent with it.
        code_verifier: of the challenge that the app sent to the provider.
        redirect_uri: where the provider sent the code.
    """

    answer: ProviderReturn
    code_verifier: str = field(repr=False)
    redirect_uri: str


async def sign_in_natively(services: SocialServices, social: str, given: NativeReturn, *, client: Client) -> SignedIn:
    """Sign in as the callback does, from the exchange of the code on.

    No attempt of ours went ahead: the app made the verifier, and checks the `state` itself. The provider compares
    the verifier, so a code that somebody else has caught opens nothing; one that was made for our callback opens
    nothing either, as its verifier never leaves the house.

    Raises:
        ProviderUnknown, NativeSignInUnsupported, RedirectUriRefused, CallbackMalformed: nothing was used up.
        AccountExists: as for the callback; the link token wants the same verifier.
        AppError: the provider refuses the code, or its answer proves nobody's identity.
    """
    offer = services.catalogue.find(social)
    if not offer.provider.gives_apps_codes:
        raise NativeSignInUnsupported
    if given.redirect_uri not in services.native_redirect_uris:
        raise RedirectUriRefused
    check_code(offer.provider, given.answer)
    if not is_code_verifier(given.code_verifier):
        raise CallbackMalformed
    attempt = _attempt(offer.provider.social, given)
    try:
        return await sign_in(services, offer.at(given.redirect_uri), attempt, given.answer, client)
    except AppError as error:
        log.warning("social_login.refused", social=offer.provider.social, problem=error.code)
        raise


def _attempt(social: str, given: NativeReturn) -> LoginAttempt:
    """The app's attempt in the form of ours: without a browser, and therefore without its key."""
    return LoginAttempt(
        social=social,
        code_verifier=given.code_verifier,
        nonce="",
        browser_key_hash="",
        locale="ru",
        code_challenge=code_challenge(given.code_verifier),
    )
