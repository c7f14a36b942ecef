"""The cookie that ties an attempt to its browser (HT-01)."""

from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import pytest

from app.social.oauth2 import code_challenge
from app.tests.social.problems import assert_refused
from app.tests.social.scene import RETURN_URL, Scene, get_exactly, open_scene
from app.tests.support.viewer import Answer
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLIC_URL = "https://auth.cinema.example"


def _cookie(answer: Answer) -> Morsel[str]:
    lines = answer.headers.getall("set-cookie")
    assert len(lines) == 1
    assert len(lines[0]) < 4096
    (cookie,) = SimpleCookie(lines[0]).values()
    return cookie


@pytest.mark.parametrize("social", PROVIDERS)
async def test_ht_01_behind_https_the_cookie_is_pinned_to_the_host(social: Provider, tmp_path: Path) -> None:
    async with open_scene(tmp_path / "data", public_url=PUBLIC_URL) as scene, scene.browser() as browser:
        scene.arrives(social)
        departure = await browser.depart(social)
        given = _cookie(departure)
        back = (await browser.visit_provider(departure)).replace(PUBLIC_URL, scene.service.url)
        signed_in = await get_exactly(browser, back, headers={"Cookie": f"{given.key}={given.value}"})
        taken = _cookie(signed_in)

    assert back.startswith(scene.service.api)
    assert signed_in.status == 200
    assert given.key.startswith("__Host-auth-login-")
    for cookie in (given, taken):
        assert (cookie["path"], cookie["domain"]) == ("/", "")
        assert cookie["secure"] is cookie["httponly"] is True
        assert cookie["samesite"].lower() == "lax"
    assert (given["max-age"], len(given.value)) == ("600", 43)
    assert (taken.key, taken.value, taken["max-age"]) == (given.key, "", "0")
    assert "strict-transport-security" in departure.headers


async def test_ht_01_on_plain_localhost_the_cookie_does_without_the_prefix(shared: Scene) -> None:
    async with shared.browser() as browser:
        cookie = _cookie(await browser.depart("yandex"))

    assert cookie.key.startswith("auth-login-")
    assert not cookie["secure"]
    assert cookie["httponly"] is True


async def test_the_cookie_says_nothing_about_the_state(shared: Scene) -> None:
    async with shared.browser() as browser:
        departure = await browser.depart("yandex")
        cookie = _cookie(departure)

    assert cookie.value not in departure.location
    assert cookie.key.removeprefix("auth-login-") not in departure.location


async def test_the_cookie_is_removed_on_the_way_to_the_front_end_too(shared: Scene) -> None:
    shared.arrives("yandex")
    options = {"return_to": RETURN_URL, "code_challenge": code_challenge("v" * 43)}

    async with shared.browser() as browser:
        landed = await browser.sign_in_with("yandex", **options)
        after_success = list(browser.session.cookie_jar)
        shared.emulator.refuse("yandex")
        refused = await browser.sign_in_with("yandex", **options)
        after_refusal = list(browser.session.cookie_jar)

    assert _cookie(landed)["max-age"] == _cookie(refused)["max-age"] == "0"
    assert after_success == after_refusal == []


async def test_no_cookie_opens_anything_after_the_sign_in(shared: Scene) -> None:
    """Only bearer tokens do: a page of another site cannot make the browser act."""
    shared.arrives("yandex")

    async with shared.browser() as browser:
        await browser.sign_in_with("yandex")
        browser.access_token = ""
        answer = await browser.get("/me")

    assert answer.status == 401


@pytest.mark.parametrize("value", ["", "x", "A" * 43, "A" * 4000, "%00", "é"])
async def test_a_made_up_cookie_does_not_fit(value: str, shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser, shared.nothing_spent():
        departure = await browser.depart("yandex")
        name = _cookie(departure).key
        back = await browser.visit_provider(departure)
        browser.session.cookie_jar.clear()
        answer = await get_exactly(browser, back, headers={"Cookie": f"{name}={value}"})

    assert_refused(answer, "login-state-invalid")


async def test_a_cookie_given_twice_does_not_help(shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as attacker, shared.browser() as victim, shared.nothing_spent():
        departure = await attacker.depart("yandex")
        name = _cookie(departure).key
        back = await attacker.visit_provider(departure)
        answer = await get_exactly(victim, back, headers={"Cookie": f"{name}=; {name}={'A' * 43}; other=x"})

    assert_refused(answer, "login-state-invalid")
