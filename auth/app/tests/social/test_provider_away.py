"""FS-22: a provider that does not answer is taken from the offer for some seconds; the others are as ever."""

from datetime import timedelta
from typing import Any

import pytest

from app.ports.breaker import Breaker
from app.tests.social.problems import assert_refused
from app.tests.social.scene import Scene, altered, everywhere, way_back
from app.tests.support.viewer import Viewer
from emulator import Endpoint, faults
from emulator.names import PROVIDERS, Provider

PAUSE = timedelta(seconds=16)  # ten seconds, spread by half


async def available(browser: Viewer) -> set[str]:
    return {each["social"] for each in (await browser.get("/oauth/providers")).json if each["available"]}


async def fail(scene: Scene, browser: Viewer, social: Provider, endpoint: Endpoint, times: int = 5) -> None:
    """So many people are on their way when the provider goes away."""
    scene.arrives(social)
    backs = [await way_back(browser, social) for _ in range(times)]
    scene.emulator.fault(social, endpoint, faults.status(503))
    for back in backs:
        assert (await browser.get(back)).status == 503


@everywhere
async def test_nobody_is_sent_to_a_provider_that_is_away(social: Provider, endpoint: Endpoint, scene: Scene) -> None:
    other: Provider = "vk" if social != "vk" else "mail"
    async with scene.browser() as browser:
        await fail(scene, browser, social, endpoint)
        scene.emulator.clear_requests()
        refused = await browser.depart(social)

        assert await available(browser) == set(PROVIDERS) - {social}
        assert_refused(refused, "provider-unavailable")
        assert 1 <= int(refused.headers["retry-after"]) <= PAUSE.total_seconds()
        assert scene.emulator.requests(social) == []
        scene.arrives(other)
        assert (await browser.sign_in_with(other)).status == 200


async def test_a_provider_that_cannot_even_be_found_is_taken_from_the_offer(scene: Scene) -> None:
    scene.emulator.fault("google", "discovery", faults.status(503))
    async with scene.browser() as browser:
        for _ in range(5):
            assert_refused(await browser.depart("google"), "provider-unavailable")

        assert await available(browser) == set(PROVIDERS) - {"google"}


async def test_one_is_sent_ahead_to_see_and_success_opens_it_for_all(scene: Scene) -> None:
    async with scene.browser() as browser:
        await fail(scene, browser, "yandex", "token")
        scene.clock.advance(PAUSE)
        back_in_the_offer = await available(browser)
        scene.emulator.clear_faults()
        ahead = await browser.depart("yandex")
        behind = await browser.depart("yandex")
        assert await available(browser) == set(PROVIDERS) - {"yandex"}

        assert (await browser.get(await browser.visit_provider(ahead))).status == 200
        assert await available(browser) == set(PROVIDERS)
        assert (await browser.depart("yandex")).status == 302
    assert back_in_the_offer == set(PROVIDERS)
    assert_refused(behind, "provider-unavailable")


async def test_whoever_is_on_the_way_back_is_served_all_the_same(scene: Scene) -> None:
    async with scene.browser() as browser:
        scene.arrives("mail")
        back = await way_back(browser, "mail")
        await fail(scene, browser, "mail", "profile")
        scene.emulator.clear_faults()

        assert (await browser.get(back)).status == 200
        assert await available(browser) == set(PROVIDERS)


async def test_failures_count_in_a_row_only(scene: Scene) -> None:
    async with scene.browser() as browser:
        for _ in range(3):
            await fail(scene, browser, "vk", "token", times=4)
            scene.emulator.clear_faults()
            assert (await browser.sign_in_with("vk")).status == 200


async def test_what_a_browser_says_of_the_provider_does_not_count(scene: Scene) -> None:
    """Otherwise a stranger would take a network from everybody."""
    scene.arrives("google")
    async with scene.browser() as browser:
        for _ in range(8):
            back = await way_back(browser, "google")
            lie = altered(back, remove=["code"], error="temporarily_unavailable")
            assert_refused(await browser.get(lie), "provider-unavailable")

        assert await available(browser) == set(PROVIDERS)


@pytest.mark.parametrize(
    ("fault", "status"),
    [(faults.json({"error": "invalid_grant"}, code=400), 400), (faults.json({"error": "invalid_client"}), 502)],
    ids=["a code refused", "we are refused"],
)
async def test_a_provider_that_says_no_is_not_away(fault: Any, status: int, scene: Scene) -> None:
    """Otherwise whoever brings made-up codes would take a network from everybody."""
    scene.emulator.fault("yandex", "token", fault)
    async with scene.browser() as browser:
        scene.arrives("yandex")
        for _ in range(8):
            assert (await browser.sign_in_with("yandex")).status == status

        assert await available(browser) == set(PROVIDERS)


async def test_linking_does_not_begin_at_a_provider_that_is_away(scene: Scene) -> None:
    async with scene.browser() as browser:
        scene.arrives("vk")
        await browser.sign_in_with("vk")
        await fail(scene, browser, "google", "token")

        assert_refused(await browser.post("/me/social-accounts/google"), "provider-unavailable")


def test_a_clock_that_is_set_back_ends_the_pause() -> None:
    times = [1000.0]
    breaker = Breaker(failures=1, pause_seconds=10, now=lambda: times[0])
    breaker.failed()
    assert breaker.wait_seconds() == 10

    times[0] = 0.0

    assert breaker.wait_seconds() == 0
    assert breaker.admit()
