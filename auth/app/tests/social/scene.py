"""A stage for social sign-in: the running service, the four providers, and people nobody has met."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from sqlalchemy import func, select
from yarl import URL

from app.settings import BASE_PATH, Settings
from app.storage.sql.tables import sessions, social_accounts, users
from app.tests.support.clock import ManualClock
from app.tests.support.service import Service, free_socket, run_service, settings_for_test
from app.tests.support.viewer import Answer, Viewer
from emulator import Emulator, Endpoint, Persona
from emulator.names import PROVIDERS, Provider

RETURN_URL: Final = "https://cinema.example/welcome"
OWN_DOMAIN: Final[Mapping[Provider, str]] = {
    "yandex": "yandex.ru",
    "vk": "viewer.example",
    "google": "gmail.com",
    "mail": "mail.ru",
}
# Google tells who somebody is in the ID token, so its profile endpoint is never asked.
PLACES: list[tuple[Provider, Endpoint]] = [
    *((social, "token") for social in PROVIDERS),
    *((social, "profile") for social in PROVIDERS if social != "google"),
]
everywhere = pytest.mark.parametrize(("social", "endpoint"), PLACES)
_CALLBACK = BASE_PATH + "/oauth/authorize"
_numbers = count(1)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Service and emulator, whose time is one and moves by `clock`."""

    service: Service
    emulator: Emulator
    clock: ManualClock

    def browser(self, **headers: str) -> AbstractAsyncContextManager[Viewer]:
        return self.service.viewer(**headers)

    def newcomer(self, **same: Any) -> str:
        """Somebody new with an account at every provider, whose addresses are hosted there (VK's elsewhere).

        Args:
            same: fields that the accounts share instead.
        """
        number = next(_numbers)
        name = f"newcomer-{number}"
        model = self.emulator.persona("anna")
        accounts = {
            provider: replace(
                model.accounts[provider],
                **{"subject": f"{810_000_000 + number}", "email": f"{name}@{OWN_DOMAIN[provider]}", **same},
            )
            for provider in PROVIDERS
        }
        self.emulator.add_persona(Persona(name=name, title=name, accounts=accounts))
        return name

    def arrives(self, social: Provider, **same: Any) -> str:
        """A newcomer who will sign in at one provider."""
        name = self.newcomer(**same)
        self.emulator.decide(social, persona=name)
        return name

    async def footprint(self) -> tuple[int, ...]:
        """How many accounts, identities and sessions there are."""
        async with self.service.services.storage.transaction() as tx:
            counts = [select(func.count()).select_from(table) for table in (users, social_accounts, sessions)]
            return tuple([int(await tx._connection.scalar(each) or 0) for each in counts])

    @asynccontextmanager
    async def nothing_written(self) -> AsyncIterator[None]:
        """REJ: whatever is answered inside leaves no account, identity or session."""
        before = await self.footprint()
        yield
        assert await self.footprint() == before

    @asynccontextmanager
    async def nothing_spent(self) -> AsyncIterator[None]:
        """REJ0: besides, no token endpoint hears of it."""
        before = len(self.emulator.requests(endpoint="token"))
        async with self.nothing_written():
            yield
        assert len(self.emulator.requests(endpoint="token")) == before


@asynccontextmanager
async def open_scene(
    data_dir: Path, environment: Mapping[str, str] | None = None, **changes: Any
) -> AsyncIterator[Scene]:
    """Run both programs.

    Args:
        environment: variables besides the emulator's own.
        changes: settings by name.
    """
    clock = ManualClock()
    async with Emulator(now=clock.now) as emulator:
        with free_socket() as listener:
            port = listener.getsockname()[1]
            for origin in {f"http://127.0.0.1:{port}", changes.get("public_url", "")} - {""}:
                emulator.allow_redirects(origin + _CALLBACK)
            variables = {**emulator.environment(), "AUTH_RETURN_URLS": RETURN_URL, **(environment or {})}
            given = Settings.read(variables)
            values = {name: getattr(given, name) for name in ("return_urls", "social_order", *PROVIDERS)}
            settings = settings_for_test(data_dir, **{**values, **changes})
            async with run_service(settings, clock, listener) as service:
                yield Scene(service=service, emulator=emulator, clock=clock)


async def way_back(browser: Viewer, social: str, **options: str) -> str:
    """Begin, let the provider's standing decision happen, and give the address that leads back."""
    return await browser.visit_provider(await browser.depart(social, **options))


async def get_exactly(browser: Viewer, address: str, **options: Any) -> Answer:
    """GET an address byte for byte, however odd its escapes."""
    async with browser.session.get(URL(address, encoded=True), allow_redirects=False, **options) as answer:
        text = await answer.text(errors="replace")
        is_json = "json" in answer.headers.get("content-type", "")
        document = await answer.json(content_type=None) if is_json else None
        return Answer(status=answer.status, headers=answer.headers, text=text, json=document)


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


def altered(address: str, *, remove: Iterable[str] = (), append: Iterable[tuple[str, str]] = (), **new: str) -> str:
    """The address with parameters set, left out, or written once more behind the others."""
    kept = [(name, value) for name, value in query_of(address).items() if name not in {*remove, *new}]
    return urlsplit(address)._replace(query=urlencode([*kept, *new.items(), *append])).geturl()
