"""Accounts, sessions and sign-ins under way, made by the service's own code."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import aiohttp

import floor
from app.accounts.email_address import parse_email
from app.accounts.model import User
from app.accounts.register import Registration, register
from app.bootstrap import Services, open_services
from app.http.client import Client
from app.sessions.model import SignIn, SignInMethod
from app.sessions.open import issue_first_pair, write_session
from app.sessions.tokens import TokenPair
from app.settings import BASE_PATH
from app.social.start import StartOptions, start
from load.surroundings import Surroundings

PASSWORD = "correct-horse-battery-staple"
AT_ONCE = 8
NOBODY = Client(address="127.0.0.1", user_agent="")
PEOPLE = 100

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class SessionFiles:
    """One token a line: of the service, and of the floor for the same sessions."""

    refresh: Path
    access: Path
    floor_refresh: Path
    floor_access: Path


def addresses() -> list[str]:
    return [f"viewer{number}@cinema.example" for number in range(PEOPLE)]


def seed_accounts(around: Surroundings) -> Path:
    """Register the people who sign in, and introduce them to the offline social networks. Gives their addresses."""

    async def act(services: Services) -> None:
        await _each(lambda email: _register(services, email), addresses())

    asyncio.run(_with_services(around, act))
    for number, email in enumerate(addresses()):
        account = {"subject": str(7_000_000 + number), "login": f"viewer{number}", "first_name": "A", "last_name": "B"}
        person = {"name": email, "title": email, "accounts": {"yandex": account}}
        around.control("add_persona", person)
    return _write(around, "addresses", addresses())


async def _register(services: Services, email: str) -> None:
    registration = Registration(
        email=parse_email(email), password=PASSWORD, name=None, locale="ru", consents=(), client=NOBODY
    )
    await register(services.accounts, registration)


def seed_sessions(around: Surroundings, count: int) -> SessionFiles:
    """Open sessions as a sign-in does, spread over the accounts."""

    async def act(services: Services) -> tuple[list[TokenPair], list[floor.TokenPair]]:
        async with services.storage.transaction() as tx:
            people = [await tx.users.find_by_email(parse_email(email)) for email in addresses()]
        known = [user for user in people if user is not None]
        chosen = [known[number % len(known)] for number in range(count)]
        both = await _each(lambda user: _open(services, user), chosen)
        return [pair for pair, _ in both], [pair for _, pair in both]

    pairs, floors = asyncio.run(_with_services(around, act))
    return SessionFiles(
        refresh=_write(around, "refresh", [pair.refresh_token for pair in pairs]),
        access=_write(around, "access", [pair.access_token for pair in pairs]),
        floor_refresh=_write(around, "floor-refresh", [pair.refresh_token for pair in floors]),
        floor_access=_write(around, "floor-access", [pair.access_token for pair in floors]),
    )


async def _open(services: Services, user: User) -> tuple[TokenPair, floor.TokenPair]:
    pairs = []
    for _ in range(2):
        sign_in = SignIn(user_id=user.id, account_since=user.created_at, method=SignInMethod.PASSWORD, client=NOBODY)
        async with services.storage.transaction() as tx:
            await tx.users.lock(user.id)
            state = await write_session(services.sessions, tx, sign_in)
        pairs.append((await issue_first_pair(services.sessions, state), state))
    (pair, _), (_, state) = pairs
    return pair, floor.make_pair(str(state.user_id), str(state.session_id), 0)


def seed_callbacks(around: Surroundings, count: int) -> Path:
    """Begin sign-ins at the offline Yandex and let its people agree; what is left is to come back."""

    async def act(services: Services) -> list[str]:
        async with aiohttp.ClientSession(around.emulator) as emulator:
            people = [addresses()[number % PEOPLE] for number in range(count)]
            return await _each(lambda person: _leave(services, emulator, person), people)

    return _write(around, "callbacks", asyncio.run(_with_services(around, act)))


async def _leave(services: Services, emulator: aiohttp.ClientSession, person: str) -> str:
    departure = await start(services.social, "yandex", StartOptions())
    asked = {name: values[0] for name, values in parse_qs(urlsplit(departure.authorize_url).query).items()}
    wishes = {
        "provider": "yandex",
        "persona": person,
        "client_id": asked["client_id"],
        "redirect_uri": asked["redirect_uri"],
        "challenge": asked["code_challenge"],
        "scopes": asked["scope"].split(),
    }
    async with emulator.post("/control/mint_code", json=wishes) as answer:
        code = (await answer.json())["code"]
    path = f"{BASE_PATH}/oauth/authorize?social=yandex&code={code}&state={asked['state']}"
    return f"{path}\t__Host-auth-login-{departure.cookie_suffix}={departure.browser_key}"


async def _with_services(around: Surroundings, act: Callable[[Services], Awaitable[T]]) -> T:
    async with open_services(around.settings) as services:
        return await act(services)


async def _each(act: Callable[[Any], Awaitable[T]], subjects: list[Any]) -> list[T]:
    """A few at once: the stores are not what is measured here."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(subject: Any) -> T:
        async with places:
            return await act(subject)

    return await asyncio.gather(*(one(subject) for subject in subjects))


def _write(around: Surroundings, name: str, lines: list[str]) -> Path:
    file = around.folder / f"{name}.txt"
    file.write_text("\n".join(lines) + "\n", encoding="ascii")
    return file
