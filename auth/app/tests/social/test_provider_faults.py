"""Providers that are slow, down or lead elsewhere (FS-22): one provider's trouble is nobody else's."""

import asyncio
from typing import Any

import aiohttp
import pytest

from app.errors import TemporarilyUnavailable
from app.social.errors import ProviderUnavailable
from app.social.provider_http import CONNECT_SECONDS, TOTAL_SECONDS, ProviderHttp, ProviderRequest
from app.tests.social.problems import assert_refused
from app.tests.social.scene import Scene, everywhere, way_back
from app.tests.support.viewer import PASSWORD
from emulator import Effect, Emulator, Endpoint, faults
from emulator.names import Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOWN: dict[str, Effect] = {
    **{f"PR-03 {code}": faults.status(code) for code in (408, 425, 429, 500, 502, 503, 504, 599)},
    "PR-03 slow_down": faults.slow_down(),
    "PR-03 slow_down with 429": faults.slow_down(code=429),
    "PR-03 temporarily_unavailable": faults.json({"error": "temporarily_unavailable"}, code=400),
    "PR-03 server_error": faults.json({"error": "server_error"}),
    "PR-04 reset": faults.reset(),
    "PR-04 answer lost": faults.reset(handled=True),
}


@everywhere
@pytest.mark.parametrize("fault", DOWN.values(), ids=DOWN)
async def test_a_provider_that_is_down_is_told_as_such(
    fault: Effect, social: Provider, endpoint: Endpoint, shared: Scene
) -> None:
    shared.arrives(social)
    shared.emulator.fault(social, endpoint, fault)

    async with shared.browser() as browser, shared.nothing_written():
        refused = await browser.sign_in_with(social)
    shared.emulator.clear_faults()
    async with shared.browser() as browser:
        healed = await browser.sign_in_with(social)

    assert_refused(refused, "provider-unavailable")
    assert healed.status == 200


@everywhere
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_pr_05_a_redirect_is_not_followed_with_our_secrets(
    code: int, social: Provider, endpoint: Endpoint, shared: Scene
) -> None:
    shared.arrives(social)
    shared.emulator.fault(social, endpoint, faults.redirect(f"{shared.emulator.url}/{social}/elsewhere", code=code))

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with(social)

    assert_refused(answer, "provider-answer-invalid")
    assert shared.emulator.requests(social, "unknown") == []


@everywhere
@pytest.mark.parametrize("chunked", [True, False])
async def test_pr_06_an_answer_without_end_is_cut_off(
    chunked: bool, social: Provider, endpoint: Endpoint, shared: Scene
) -> None:
    shared.arrives(social)
    shared.emulator.fault(social, endpoint, faults.huge_body(8 * 1024 * 1024, chunked=chunked))

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with(social)

    assert_refused(answer, "provider-answer-invalid")


@everywhere
async def test_pr_06_a_good_answer_beyond_64_kib_is_refused(
    social: Provider, endpoint: Endpoint, shared: Scene
) -> None:
    shared.arrives(social)
    shared.emulator.fault(social, endpoint, faults.merge({"padding": "x" * 64 * 1024}))

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with(social)

    assert_refused(answer, "provider-answer-invalid")


async def test_a_token_request_is_sent_once_whatever_becomes_of_it(shared: Scene) -> None:
    shared.arrives("vk")
    shared.emulator.fault("vk", "token", faults.reset(handled=True))

    async with shared.browser() as browser:
        await browser.sign_in_with("vk")

    assert len(shared.emulator.requests("vk", "token")) == 1


@pytest.mark.asyncio(loop_scope="function")
async def test_fs_22_a_hanging_provider_holds_up_nobody_else(scene: Scene) -> None:
    """PR-15: no database connection, of which there is one, waits for the provider."""
    scene.emulator.fault("yandex", "token", faults.hang())

    async with scene.browser() as browser, scene.browser() as other, asyncio.TaskGroup() as group:
        backs = []
        for _ in range(30):
            scene.arrives("yandex")
            backs.append(await way_back(browser, "yandex"))
        waiting = [group.create_task(browser.get(back)) for back in backs]
        await scene.emulator.wait_for_requests("yandex", "token", count=30)
        scene.arrives("google")
        google = await other.sign_in_with("google")
        registered = await other.post("/register", {"email": "somebody@example.ru", "password": PASSWORD})
        pending = [task.done() for task in waiting]
        scene.emulator.clear_faults()
        scene.emulator.release()

    assert (google.status, registered.status) == (200, 202)
    assert not any(pending)
    assert {task.result().status for task in waiting} == {200}


@pytest.mark.asyncio(loop_scope="function")
@pytest.mark.parametrize("fault", [faults.hang(), faults.slow_body(0.05)], ids=["no answer", "drop by drop"])
async def test_pr_07_the_whole_exchange_has_one_deadline(fault: Any) -> None:
    async with Emulator() as emulator, aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.3)) as session:
        emulator.fault("google", "discovery", fault)
        request = ProviderRequest(method="GET", url=f"{emulator.url}/google/.well-known/openid-configuration")

        with pytest.raises(ProviderUnavailable):
            await ProviderHttp(session).request(request)


@pytest.mark.asyncio(loop_scope="function")
async def test_pr_07_the_deadline_is_ten_seconds() -> None:
    http = ProviderHttp.open(public_only=False, ca_file=None)

    timeout = http._session.timeout
    await http.close()

    assert (timeout.total, timeout.connect) == (TOTAL_SECONDS, CONNECT_SECONDS) == (10, 3)


@pytest.mark.asyncio(loop_scope="function")
async def test_pr_15_beyond_a_bound_callers_are_told_to_come_back() -> None:
    async with Emulator() as emulator, aiohttp.ClientSession() as session:
        emulator.fault("google", "discovery", faults.hang())
        http = ProviderHttp(session, max_in_flight=3)
        request = ProviderRequest(method="GET", url=f"{emulator.url}/google/.well-known/openid-configuration")

        waiting = [asyncio.create_task(http.request(request)) for _ in range(3)]
        await emulator.wait_for_requests("google", "discovery", count=3)
        with pytest.raises(TemporarilyUnavailable):
            await http.request(request)
        emulator.clear_faults()
        emulator.release()
        await asyncio.gather(*waiting)
        afterwards = await http.request(request)

    assert afterwards.status == 200


@pytest.mark.asyncio(loop_scope="function")
async def test_pr_16_a_browser_that_leaves_meanwhile_leaves_no_half_account(scene: Scene) -> None:
    somebody = scene.arrives("yandex")
    scene.emulator.fault("yandex", "token", faults.hang(), times=1)

    async with scene.browser() as browser:
        back = await way_back(browser, "yandex")
        leaving = asyncio.create_task(browser.get(back))
        await scene.emulator.wait_for_requests("yandex", "token")
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        scene.emulator.release()
        retried = await browser.get(back)
    scene.emulator.decide("yandex", persona=somebody)
    async with scene.browser() as browser:
        afresh = await browser.sign_in_with("yandex")

    assert_refused(retried, "login-state-invalid")
    assert afresh.status == 200
    assert (await scene.footprint())[:2] == (1, 1)
