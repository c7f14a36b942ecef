"""The providers that are offered here: descriptions joined with settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from app.ports.breaker import Breaker
from app.ports.clock import Clock
from app.settings import ProviderSettings, Settings, Social
from app.social.errors import ProviderUnknown
from app.social.oauth2 import Application, Endpoints
from app.social.oidc import OpenIdProvider
from app.social.outages import FAILURES, PAUSE_SECONDS, Outages
from app.social.provider import ClientAuth, Provider
from app.social.provider_http import ProviderHttp
from app.social.providers.google import GOOGLE
from app.social.providers.mailru import MAILRU
from app.social.providers.vk import VK
from app.social.providers.yandex import YANDEX

KNOWN: Mapping[str, Provider] = {each.social: each for each in (YANDEX, VK, GOOGLE, MAILRU)}
ALIASES = {"mailru": "mail"}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One provider with our application there."""

    provider: Provider
    application: Application
    outages: Outages
    openid: OpenIdProvider | None

    def at(self, redirect_uri: str) -> "Offer":
        """The same application for a code that was sent to another of its addresses."""
        return replace(self, application=replace(self.application, redirect_uri=redirect_uri))

    async def endpoints(self) -> Endpoints:
        """Raises: ProviderUnavailable, when discovery fails."""
        if self.openid is not None:
            return (await self.openid.metadata()).endpoints
        provider = self.provider
        return Endpoints(
            authorize_url=provider.authorize_url, token_url=provider.token_url, profile_url=provider.profile_url
        )


class Catalogue:
    """What can be chosen, in the order to show it."""

    def __init__(self, offers: Mapping[str, Offer]) -> None:
        self._offers = offers

    def __iter__(self) -> Iterator[Offer]:
        return iter(self._offers.values())

    def find(self, social: str) -> Offer:
        """Raises: ProviderUnknown, for a provider that is not known or not configured."""
        offer = self._offers.get(ALIASES.get(social, social))
        if offer is None:
            raise ProviderUnknown
        return offer


def build_catalogue(settings: Settings, http: ProviderHttp, clock: Clock) -> Catalogue:
    """Offer every provider that has an application configured and that the policy lets in."""
    offers: dict[str, Offer] = {}
    for social in settings.social_order:
        given = settings.provider(social)
        if given.client_id and not is_left_out(settings, social):
            offers[social] = _offer(settings, social, http, clock)
    return Catalogue(offers)


def is_left_out(settings: Settings, social: Social) -> bool:
    """Whether the operators' policy keeps a provider out, though it may be configured."""
    return settings.social_policy == "ru" and KNOWN[social].is_foreign


def _offer(settings: Settings, social: Social, http: ProviderHttp, clock: Clock) -> Offer:
    given = settings.provider(social)
    provider = _override(KNOWN[social], given)
    breaker = Breaker(failures=FAILURES, pause_seconds=PAUSE_SECONDS, now=lambda: clock.now().timestamp())
    openid = None
    if provider.issuer:
        openid = OpenIdProvider(provider.issuer, http, clock, secure_only=settings.is_production)
    return Offer(
        provider=provider, application=_application(settings, social, given), outages=Outages(breaker), openid=openid
    )


def _application(settings: Settings, social: Social, given: ProviderSettings) -> Application:
    separator = "/" if given.redirect_style == "path" else "?social="
    return Application(
        client_id=given.client_id,
        client_secret=given.client_secret.value,
        service_token=given.service_token.value,
        # One address per provider, so that an answer meant for another one cannot arrive here (RFC 9700, 4.4.2).
        redirect_uri=f"{settings.api_url}/oauth/authorize{separator}{social}",
    )


def _override(provider: Provider, given: ProviderSettings) -> Provider:
    changed = {
        name: value
        for name in ("authorize_url", "token_url", "profile_url", "issuer", "scope")
        if (value := getattr(given, name))
    }
    client_auth = ClientAuth(given.client_auth) if given.client_auth else provider.client_auth
    return replace(provider, client_auth=client_auth, **changed)
