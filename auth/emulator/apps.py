"""Applications that are registered with the providers, and the demo ones that come along."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from emulator.names import PROVIDERS, Provider


@dataclass(frozen=True, kw_only=True)
class App:
    """One registration in a provider's cabinet.

    A client without a secret is public. `service_token` makes a VK ID app confidential: the
    token request must then carry it. `app_links` are redirect addresses of its mobile apps.
    `rights` limits what the app may ask for (None: all).
    """

    provider: Provider
    client_id: str
    client_secret: str | None = None
    service_token: str | None = None
    redirect_uris: tuple[str, ...] = ()
    app_links: tuple[str, ...] = ()
    rights: tuple[str, ...] | None = None
    title: str = "Кинотеатр"


DEMO_APPS: Final[dict[Provider, App]] = {
    "yandex": App(
        provider="yandex",
        client_id="c1e0a0de300000000000000000000001",
        client_secret="5ec2e7de300000000000000000000001",
        app_links=("https://cinema.example/app/yandex",),
    ),
    "vk": App(provider="vk", client_id="53000001", app_links=("vk53000001://vk.ru/blank.html",)),
    "google": App(
        provider="google",
        client_id="530000000001-emulatordemoclient.apps.googleusercontent.com",
        client_secret="GOCSPX-emulator-demo-secret-01",
    ),
    "mail": App(
        provider="mail",
        client_id="ca11ab1ede3000000000000000000001",
        client_secret="5ec2e7de3a1100000000000000000001",
    ),
}
"""The credentials that the cinema's development settings use. They are no secrets."""

FOREIGN_YANDEX_APP: Final = App(
    provider="yandex",
    client_id="f02e1900000000000000000000000002",
    client_secret="f02e19005ec2e7000000000000000002",
    redirect_uris=("https://another-shop.example/login",),
    title="Чужой магазин",
)
"""Somebody else's Yandex application: its tokens must not sign anybody in here (YA-6)."""


class Registry:
    """The applications which the providers know."""

    def __init__(self, redirect_bases: Iterable[str]) -> None:
        self._apps: dict[tuple[Provider, str], App] = {}
        for app in (*DEMO_APPS.values(), FOREIGN_YANDEX_APP):
            self.add(app)
        for base in redirect_bases:
            self.allow(base)

    def add(self, app: App) -> None:
        """Register an application, or replace the one with the same client id."""
        self._apps[app.provider, app.client_id] = app

    def allow(self, redirect_base: str) -> None:
        """Register `base?social=<provider>` and `base/<provider>` for every demo application."""
        for provider in PROVIDERS:
            app = self.demo(provider)
            uris = (f"{redirect_base}?social={provider}", f"{redirect_base}/{provider}")
            self.add(replace(app, redirect_uris=(*app.redirect_uris, *uris)))

    def find(self, provider: Provider, client_id: str) -> App | None:
        """The application, or None when the provider never heard of it."""
        return self._apps.get((provider, client_id))

    def demo(self, provider: Provider) -> App:
        """The cinema's own application at a provider."""
        return self._apps[provider, DEMO_APPS[provider].client_id]

    def all(self) -> list[App]:
        """Every application."""
        return list(self._apps.values())


def environment(url: str) -> dict[str, str]:
    """The settings with which the cinema's Auth service signs people in here."""
    yandex, vk, google, mail = (DEMO_APPS[provider] for provider in PROVIDERS)
    return {
        "AUTH_YANDEX_CLIENT_ID": yandex.client_id,
        "AUTH_YANDEX_CLIENT_SECRET": yandex.client_secret or "",
        "AUTH_YANDEX_AUTHORIZE_URL": f"{url}/yandex/authorize",
        "AUTH_YANDEX_TOKEN_URL": f"{url}/yandex/token",
        "AUTH_YANDEX_PROFILE_URL": f"{url}/yandex/info",
        "AUTH_VK_CLIENT_ID": vk.client_id,
        "AUTH_VK_AUTHORIZE_URL": f"{url}/vk/authorize",
        "AUTH_VK_TOKEN_URL": f"{url}/vk/oauth2/auth",
        "AUTH_VK_PROFILE_URL": f"{url}/vk/oauth2/user_info",
        "AUTH_GOOGLE_CLIENT_ID": google.client_id,
        "AUTH_GOOGLE_CLIENT_SECRET": google.client_secret or "",
        "AUTH_GOOGLE_ISSUER": f"{url}/google",
        "AUTH_MAIL_CLIENT_ID": mail.client_id,
        "AUTH_MAIL_CLIENT_SECRET": mail.client_secret or "",
        "AUTH_MAIL_AUTHORIZE_URL": f"{url}/mail/login",
        "AUTH_MAIL_TOKEN_URL": f"{url}/mail/token",
        "AUTH_MAIL_PROFILE_URL": f"{url}/mail/userinfo",
    }
