"""The providers that are offered here: descriptions joined with settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from app.ports.clock import Clock
from app.settings import ProviderSettings, Settings, Social
from app.social.errors import ProviderUnknown
from app.social.oauth2 import Application, Endpoints
from app.social.oidc import OpenIdProvider
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
    openid: OpenIdProvider | None

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
    """Offer every provider that has an application configured."""
    offers: dict[str, Offer] = {}
    for social in settings.social_order:
        given = settings.provider(social)
        if given.client_id:
            provider = _override(KNOWN[social], given)
            openid = None
            if provider.issuer:
                openid = OpenIdProvider(provider.issuer, http, clock, secure_only=settings.is_production)
            offers[social] = Offer(provider=provider, application=_application(settings, social, given), openid=openid)
    return Catalogue(offers)


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
