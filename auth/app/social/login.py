"""Sign in with an account at a provider: send the browser there, and take it back."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import structlog

from app.errors import AppError
from app.http.client import Client
from app.sessions.open import issue_first_pair
from app.sessions.tokens import TokenPair
from app.social import attempt as attempts
from app.social import handover
from app.social.callback import ProviderReturn, check_form, read_code
from app.social.catalogue import Offer
from app.social.enter import Entered, enter
from app.social.errors import IssuerMismatch, ProviderAnswerInvalid, ReturnAddressRefused
from app.social.handover import is_code_challenge
from app.social.model import HandOver, LoginAttempt, Profile
from app.social.oauth2 import TokenAnswer, authorize_url, exchange_code, fetch_profile
from app.social.provider import ProfileRefused
from app.social.return_urls import with_query
from app.social.services import SocialServices

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class StartOptions:
    """What the front end asked for.

    Attributes:
        return_to: its page to go back to; needs a `code_challenge` (S256) for the hand-over.
    """

    locale: str = "ru"
    return_to: str | None = None
    code_challenge: str | None = None


@dataclass(frozen=True, kw_only=True)
class Departure:
    """Where to send the browser, and the secret to give it on the way."""

    authorize_url: str
    cookie_suffix: str
    browser_key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """The pair, for a caller that takes JSON."""

    pair: TokenPair
    is_new_account: bool


@dataclass(frozen=True)
class SendBack:
    """The front end's address with a hand-over code or a problem code in it; never a token."""

    address: str


async def start(services: SocialServices, social: str, options: StartOptions) -> Departure:
    """Begin an attempt.

    Raises:
        ProviderUnknown, ProviderUnavailable: the provider is not offered, or discovery fails.
        ReturnAddressRefused: `return_to` is not allowed, or comes without a proper `code_challenge`.
    """
    offer = services.catalogue.find(social)
    if options.return_to is not None:
        services.return_urls.check(options.return_to)
        if not is_code_challenge(options.code_challenge):
            raise ReturnAddressRefused
    endpoints = await offer.endpoints()
    started = await attempts.begin(
        services.ephemeral,
        social=offer.provider.social,
        locale=options.locale,
        return_to=options.return_to,
        code_challenge=options.code_challenge if options.return_to else None,
    )
    address = authorize_url(offer.provider, offer.application, endpoints, started.attempt, started.state)
    suffix = attempts.cookie_suffix(started.state)
    return Departure(authorize_url=address, cookie_suffix=suffix, browser_key=started.browser_key)


async def complete(
    services: SocialServices, social: str, answer: ProviderReturn, *, browser_key: str | None, client: Client
) -> SignedIn | SendBack:
    """Finish an attempt: check everything, then spend the code, then write.

    Raises:
        AppError: for a caller without `return_to`, and whenever the attempt itself is not valid.
    """
    offer = services.catalogue.find(social)
    check_form(offer.provider, answer)
    attempt = await attempts.take(
        services.ephemeral, state=answer.state or "", social=offer.provider.social, browser_key=browser_key
    )
    try:
        entered = await _enter(services, offer, attempt, answer, client)
        return await _deliver(services, attempt, entered)
    except AppError as error:
        log.warning("social_login.refused", social=offer.provider.social, problem=error.code)
        if attempt.return_to is None:
            raise
        return SendBack(with_query(attempt.return_to, error=error.code))


async def _enter(
    services: SocialServices, offer: Offer, attempt: LoginAttempt, answer: ProviderReturn, client: Client
) -> Entered:
    await _check_issuer(offer, answer.issuer)
    callback = read_code(offer.provider, answer)
    endpoints = await offer.endpoints()
    tokens = await exchange_code(
        services.http, offer.provider, offer.application, endpoints, callback, attempt.code_verifier
    )
    profile = await _identify(services, offer, attempt, tokens)
    return await enter(services, offer.provider.social, profile, locale=attempt.locale, client=client)


async def _check_issuer(offer: Offer, issuer: str | None) -> None:
    """Refuse an answer of another authorization server (RFC 9207, section 2.4), by simple comparison."""
    if offer.openid is not None:
        metadata = await offer.openid.metadata()
        expected, required = metadata.issuer, metadata.sends_issuer
    else:
        parts = urlsplit(offer.provider.authorize_url)
        expected, required = f"{parts.scheme}://{parts.netloc}", False
    if issuer is None and not required:
        return
    if issuer is None or not hmac.compare_digest(issuer.encode(), expected.encode()):
        raise IssuerMismatch


async def _identify(services: SocialServices, offer: Offer, attempt: LoginAttempt, tokens: TokenAnswer) -> Profile:
    """Learn who this is: from a verified ID token where there is one, else from the profile endpoint."""
    told: Mapping[str, object]
    if offer.openid is not None:
        if tokens.id_token is None:
            raise ProviderAnswerInvalid
        told = await offer.openid.verify_id_token(
            tokens.id_token,
            client_id=offer.application.client_id,
            nonce=attempt.nonce,
            access_token=tokens.access_token,
        )
    else:
        endpoints = await offer.endpoints()
        told = await fetch_profile(services.http, offer.provider, offer.application, endpoints, tokens.access_token)
    try:
        return offer.provider.parse_profile(told, offer.application.client_id)
    except ProfileRefused:
        raise ProviderAnswerInvalid from None


async def _deliver(services: SocialServices, attempt: LoginAttempt, entered: Entered) -> SignedIn | SendBack:
    if attempt.return_to is None or attempt.code_challenge is None:
        pair = await issue_first_pair(services.sessions, entered.state)
        return SignedIn(pair=pair, is_new_account=entered.is_new_account)
    await services.sessions.tokens.start(entered.state)
    hand_over = HandOver(
        user_id=entered.state.user_id,
        session_id=entered.state.session_id,
        code_challenge=attempt.code_challenge,
        is_new_account=entered.is_new_account,
    )
    return SendBack(with_query(attempt.return_to, code=await handover.put(services.ephemeral, hand_over)))
