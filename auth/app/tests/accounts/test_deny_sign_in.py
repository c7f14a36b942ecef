"""An owner who reads of a sign-in that was not theirs puts whoever it was out with one click, for good."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.tests.support.clock import ManualClock
from app.tests.support.people import register
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Viewer

ANNA = "anna@example.ru"
NEW = "seven quiet blue boats"
HOME, ABROAD = "95.24.10.7", "203.0.113.7"


@pytest.fixture
async def proxied(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Service]:
    """A service that believes whom a request comes from; Anna has signed in at home before."""
    async with serving(tmp_path / "data", clock, trusted_proxies=("127.0.0.1",)) as service:
        await register(service, ANNA)
        async with service.viewer(**{"X-Forwarded-For": HOME}) as anna:
            await anna.login(ANNA)
        yield service


@pytest.fixture
async def thief(proxied: Service) -> AsyncIterator[Viewer]:
    """Somebody on another continent who knows Anna's password."""
    async with proxied.viewer(**{"X-Forwarded-For": ABROAD}) as somebody:
        await somebody.login(ANNA)
        yield somebody


async def deny(service: Service, token: str) -> int:
    async with service.viewer() as owner:
        return (await owner.post("/login/deny", {"token": token})).status


async def test_one_click_puts_everybody_out_and_leads_to_a_new_password(proxied: Service, thief: Viewer) -> None:
    status = await deny(proxied, await proxied.confirmation_token(ANNA))

    assert status == 204
    assert [(await thief.get("/me")).status, (await thief.refresh()).status] == [401, 401]
    assert (await thief.login(ANNA)).code == "invalid-credentials"
    async with proxied.viewer() as owner:
        token = await proxied.confirmation_token(ANNA)
        assert (await owner.post("/password/reset", {"token": token, "password": NEW})).status == 204
        assert (await owner.login(ANNA, NEW)).status == 200
        outcomes = [each["outcome"] for each in (await owner.get("/me/logins")).json["items"]]
    assert outcomes[:4] == ["succeeded", "password-reset", "wrong-password", "sign-in-denied"]


async def test_what_was_mailed_before_is_worthless(proxied: Service, thief: Viewer) -> None:
    """LK-10: a change of address that the thief has begun dies, too."""
    denial = await proxied.confirmation_token(ANNA)
    await thief.post("/me/email", {"email": "thief@example.com", "current_password": PASSWORD})
    change = await proxied.confirmation_token("thief@example.com")

    assert await deny(proxied, denial) == 204
    async with proxied.viewer() as somebody:
        assert (await somebody.post("/email/confirm", {"token": change})).code == "mail-token-invalid"


async def test_the_link_works_once(proxied: Service, thief: Viewer) -> None:
    token = await proxied.confirmation_token(ANNA)

    statuses = await asyncio.gather(*(deny(proxied, token) for _ in range(10)))

    assert sorted(statuses) == [204] + [400] * 9


async def test_the_link_works_for_a_week(proxied: Service, thief: Viewer) -> None:
    token = await proxied.confirmation_token(ANNA)

    proxied.clock.advance(timedelta(days=7))

    assert await deny(proxied, token) == 400


async def test_opening_the_page_denies_nothing(proxied: Service, thief: Viewer) -> None:
    """Mail scanners open every link."""
    token = await proxied.confirmation_token(ANNA)

    page = await thief.get("/login/deny", params={"token": token})

    assert (page.status, (await thief.get("/me")).status) == (200, 200)
