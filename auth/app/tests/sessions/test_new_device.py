"""A sign-in from where nobody has signed in before is news to the account's owner, once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.http.client import Client
from app.mail.model import Message
from app.sessions.model import Appearance
from app.sessions.new_device import FIRST_SIGN_IN, MOST_IN_AN_HOUR, REMEMBERED, is_news
from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, register
from app.tests.support.service import Service, serving

NOW = datetime(2026, 5, 1, 19, 5, tzinfo=UTC)
ANNA = "anna@example.ru"
HOME, MOSCOW, ABROAD = "95.24.10.7", "95.24.99.7", "203.0.113.7"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0.0.0 Safari/537.36"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Mobile/15E Safari/604.1"
)


def sign_in(
    address: str = HOME,
    user_agent: str = CHROME,
    *,
    ago: timedelta = timedelta(days=1),
    signed_in: bool = True,
    lines: int = 1,
) -> Appearance:
    client = Client(address=address, user_agent=user_agent)
    return Appearance(client=client, signed_in=signed_in, lines=lines, at=NOW - ago)


def judged(address: str, user_agent: str, *lately: Appearance, age: timedelta = timedelta(days=100)) -> bool:
    client = Client(address=address, user_agent=user_agent)
    return is_news(client, lately, at=NOW, account_since=NOW - age)


@pytest.mark.parametrize(
    ("address", "user_agent", "news"),
    [
        (HOME, CHROME, False),
        (HOME, CHROME.replace("124.0", "125.0"), False),
        (HOME, PHONE, False),
        ("95.24.10.200", PHONE, False),
        (MOSCOW, CHROME, False),
        (MOSCOW, PHONE, True),
        (ABROAD, CHROME, True),
        (ABROAD, PHONE, True),
        ("2001:db8::7", CHROME, True),
    ],
    ids=[
        "the same again",
        "a newer version",
        "another device at home",
        "another device next door",
        "the same kind at the same provider",
        "another kind at the same provider",
        "the same kind abroad",
        "another kind abroad",
        "another family of addresses",
    ],
)
def test_known_is_a_network_or_a_kind_of_device_at_a_provider(address: str, user_agent: str, news: bool) -> None:
    assert judged(address, user_agent, sign_in()) is news


@pytest.mark.parametrize(
    ("address", "user_agent", "news"),
    [
        ("2001:db8:1:2::9", PHONE, False),
        ("2001:db8:99::9", CHROME, False),
        ("2001:db8:99::9", PHONE, True),
        ("2001:db9::9", CHROME, True),
    ],
)
def test_the_same_holds_for_the_long_addresses(address: str, user_agent: str, news: bool) -> None:
    assert judged(address, user_agent, sign_in("2001:db8:1::7")) is news


@pytest.mark.parametrize(
    ("lines", "age", "news"),
    [
        (0, timedelta(), False),
        (0, FIRST_SIGN_IN - timedelta(seconds=1), False),
        (0, FIRST_SIGN_IN, True),
        (REMEMBERED - 1, timedelta(), False),
        (REMEMBERED, timedelta(), True),
    ],
    ids=["new", "young", "old, and its history forgotten", "a few failures", "nothing but failures"],
)
def test_the_first_sign_in_of_a_young_account_is_no_news(lines: int, age: timedelta, news: bool) -> None:
    failures = [sign_in(signed_in=False, lines=lines)] if lines else []

    assert judged(HOME, CHROME, *failures, age=age) is news


def test_a_failure_makes_no_place_known() -> None:
    """RL-19."""
    guessed = sign_in(ABROAD, signed_in=False)

    assert judged(ABROAD, CHROME, guessed, sign_in()) is True


@pytest.mark.parametrize(("ago", "news"), [(timedelta(minutes=59), False), (timedelta(hours=1), True)])
def test_whoever_wanders_through_the_world_fills_no_mailbox(ago: timedelta, news: bool) -> None:
    lately = [sign_in(f"{number}.0.113.7", ago=ago) for number in range(100, 100 + MOST_IN_AN_HOUR)]

    assert judged(ABROAD, CHROME, *lately, sign_in()) is news


@pytest.fixture
async def proxied(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Service]:
    """A service that believes whom a request comes from."""
    async with serving(tmp_path / "data", clock, trusted_proxies=("127.0.0.1",)) as service:
        await register(service, ANNA)
        yield service


async def enter(service: Service, address: str, user_agent: str = CHROME, email: str = ANNA) -> None:
    async with service.viewer(**{"X-Forwarded-For": address, "User-Agent": user_agent}) as somebody:
        answer = await somebody.login(email)
        assert answer.status == 200, answer.text


async def news(service: Service, email: str = ANNA) -> list[Message]:
    return [mail for mail in await service.mails(email) if mail.subject in {NEWS_RU, NEWS_EN}]


NEWS_RU, NEWS_EN = "Вход с нового устройства", "Sign-in from a new device"


async def test_the_owner_learns_when_how_and_from_where(proxied: Service) -> None:
    await enter(proxied, HOME)
    await enter(proxied, ABROAD, PHONE)

    [mail] = await news(proxied)
    there = proxied.clock.now() + timedelta(hours=3)
    assert f"{there:%H:%M} по московскому времени" in mail.text
    assert all(each in mail.text for each in ("Как: по паролю", "Устройство: Safari, iOS", f"IP-адрес: {ABROAD}"))
    assert f"{proxied.api}/login/deny#token=" in mail.text


async def test_a_device_is_news_once(proxied: Service) -> None:
    for address in (HOME, ABROAD, ABROAD, HOME, ABROAD):
        await enter(proxied, address)

    assert len(await news(proxied)) == 1


async def test_of_many_sign_ins_at_once_from_a_new_device_one_is_news(proxied: Service) -> None:
    await enter(proxied, HOME)

    await asyncio.gather(*(enter(proxied, ABROAD) for _ in range(8)))

    assert len(await news(proxied)) == 1


async def test_an_address_that_nobody_has_confirmed_is_told_nothing(tmp_path: Path, clock: ManualClock) -> None:
    lax = {"require_confirmed_email": False, "trusted_proxies": ("127.0.0.1",)}
    async with serving(tmp_path / "data", clock, **lax) as service:
        async with service.viewer() as somebody:
            await somebody.post("/register", {"email": ANNA, "password": "four slow green trams"})
        await enter(service, HOME)
        await enter(service, ABROAD)

        assert await news(service) == []


async def test_a_user_agent_brings_no_words_of_its_own_into_the_mail(proxied: Service) -> None:
    """EM-10: it is written by whoever signs in."""
    await execute(proxied, "UPDATE users SET locale = 'en'")
    await enter(proxied, HOME)
    await enter(proxied, ABROAD, "Call 8-800-555-35-35 <b>evil.example</b> {{333*37}}/1.0 CFNetwork/1 Darwin/2")

    [mail] = await news(proxied)
    assert mail.subject == NEWS_EN
    assert not any(each in mail.text + mail.html for each in ("555", "evil.example", "<b>", "12321", "{{"))


@pytest.mark.parametrize("user_agent", ["", "x" * 512, "\u202eabc", "Mozilla/5.0 (" * 39])
async def test_an_unknown_device_is_called_so(proxied: Service, user_agent: str) -> None:
    await enter(proxied, HOME)
    await enter(proxied, ABROAD, user_agent)

    [mail] = await news(proxied)
    assert "Устройство: неизвестно" in mail.text
