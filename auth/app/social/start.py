"""Send a browser to a provider, to sign in or to link; `complete.py` takes it back."""

from dataclasses import dataclass, field

from app.social import attempt as attempts
from app.social.errors import ReturnAddressRefused
from app.social.handover import is_code_challenge
from app.social.model import Linking
from app.social.oauth2 import authorize_url
from app.social.services import SocialServices


@dataclass(frozen=True, kw_only=True)
class StartOptions:
    """What the front end asked for.

    Attributes:
        return_to: its page to go back to; a sign-in needs a `code_challenge` (S256) with it, for the hand-over.
        linking: for whom an identity is to be linked, instead of a sign-in.
    """

    locale: str = "ru"
    return_to: str | None = None
    code_challenge: str | None = None
    linking: Linking | None = None


@dataclass(frozen=True, kw_only=True)
class Departure:
    """Where to send the browser, and the secret to give it on the way."""

    authorize_url: str
    cookie_suffix: str
    browser_key: str = field(repr=False)
    needs_cookie: bool


async def start(services: SocialServices, social: str, options: StartOptions) -> Departure:
    """Begin an attempt.

    Raises:
        ProviderUnknown, ProviderUnavailable: the provider is not offered, or has not answered of late.
        ReturnAddressRefused: `return_to` is not allowed, or comes without a proper `code_challenge`.
    """
    offer = services.catalogue.find(social)
    if options.return_to is not None:
        services.return_urls.check(options.return_to)
        may_lack_challenge = options.linking is not None and options.code_challenge is None
        if not may_lack_challenge and not is_code_challenge(options.code_challenge):
            raise ReturnAddressRefused
    offer.outages.check()
    with offer.outages.watch():
        endpoints = await offer.endpoints()
    started = await attempts.begin(
        services.ephemeral,
        social=offer.provider.social,
        locale=options.locale,
        return_to=options.return_to,
        code_challenge=options.code_challenge if options.return_to else None,
        linking=options.linking,
    )
    address = authorize_url(offer.provider, offer.application, endpoints, started.attempt, started.state)
    suffix = attempts.cookie_suffix(started.state)
    return Departure(
        authorize_url=address,
        cookie_suffix=suffix,
        browser_key=started.browser_key,
        needs_cookie=started.attempt.is_bound_by_cookie,
    )
