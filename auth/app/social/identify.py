"""Learn from a provider's answer who has come back, and spend the code for it."""

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from app.social.callback import ProviderReturn, read_code
from app.social.catalogue import Offer
from app.social.errors import IssuerMismatch, ProviderAnswerInvalid
from app.social.model import LoginAttempt, Profile
from app.social.oauth2 import TokenAnswer, exchange_code, fetch_profile
from app.social.provider import ProfileRefused
from app.social.services import SocialServices


async def identify(services: SocialServices, offer: Offer, attempt: LoginAttempt, answer: ProviderReturn) -> Profile:
    """The person, as the provider tells.

    Raises:
        AppError: the answer is an error, another server's, or proves nobody's identity.
    """
    await _check_issuer(offer, answer.issuer)
    callback = read_code(offer.provider, answer)
    with offer.outages.watch():
        endpoints = await offer.endpoints()
        tokens = await exchange_code(
            services.http, offer.provider, offer.application, endpoints, callback, attempt.code_verifier
        )
        profile = await _read_profile(services, offer, attempt, tokens)
    offer.outages.end()
    return profile


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


async def _read_profile(services: SocialServices, offer: Offer, attempt: LoginAttempt, tokens: TokenAnswer) -> Profile:
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
