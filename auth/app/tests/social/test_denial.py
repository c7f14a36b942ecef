"""The person says no, or the provider does: nothing is spent, nothing of its texts is passed on."""

import pytest

from app.social.oauth2 import code_challenge
from app.tests.social.problems import MARKER, assert_refused
from app.tests.social.scene import RETURN_URL, Scene, altered, get_exactly, query_of, way_back
from emulator import faults
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHALLENGE = code_challenge("v" * 43)


@pytest.mark.parametrize("social", PROVIDERS)
async def test_oa_11_a_refusal_uses_the_attempt_up(social: Provider, shared: Scene) -> None:
    shared.emulator.refuse(social)

    async with shared.browser() as browser, shared.nothing_spent():
        back = await way_back(browser, social)
        cookies = {each.key: each.value for each in browser.session.cookie_jar}
        first = await browser.get(back)
        second = await get_exactly(browser, back, cookies=cookies)

    assert_refused(first, "login-denied")
    assert_refused(second, "login-state-invalid")


@pytest.mark.parametrize("social", PROVIDERS)
async def test_oa_11_after_a_refusal_one_may_try_again(social: Provider, shared: Scene) -> None:
    shared.arrives(social)
    shared.emulator.refuse(social, times=1)

    async with shared.browser() as browser:
        refused = await browser.sign_in_with(social)
        accepted = await browser.sign_in_with(social)

    assert (refused.status, accepted.status) == (403, 200)


MEANINGS = {
    "access_denied": "login-denied",
    "login_required": "login-denied",
    "interaction_required": "login-denied",
    "consent_required": "login-denied",
    "server_error": "provider-unavailable",
    "temporarily_unavailable": "provider-unavailable",
    "slow_down": "provider-unavailable",
    "unauthorized_client": "provider-answer-invalid",
    "invalid_scope": "provider-answer-invalid",
    "unsupported_response_type": "provider-answer-invalid",
    "invalid_request": "authorization-code-refused",
    MARKER: "authorization-code-refused",
    "<script>alert(1)</script>": "authorization-code-refused",
    "": "authorization-code-refused",
}


@pytest.mark.parametrize("social", PROVIDERS)
@pytest.mark.parametrize(("error", "code"), MEANINGS.items())
async def test_oa_12_an_error_is_translated_never_repeated(
    error: str, code: str, social: Provider, shared: Scene
) -> None:
    shared.emulator.refuse(social, error=error)
    words = [("error_description", f"<script>{MARKER}</script>"), ("error_uri", f"javascript:{MARKER}")]

    async with shared.browser() as browser, shared.nothing_spent():
        answer = await browser.get(altered(await way_back(browser, social), append=words, remove=["error_description"]))

    assert_refused(answer, code, unseen=("<script>", "javascript:"))


@pytest.mark.parametrize("state", ["", "A" * 43, "<script>"])
async def test_oa_12_an_error_without_a_valid_state_changes_nothing(state: str, shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser:
        back = await way_back(browser, "yandex")
        async with shared.nothing_spent():
            answer = await browser.get(
                "/oauth/authorize",
                params={"social": "yandex", "error": MARKER, "state": state, "error_description": "<script>"},
            )
        afterwards = await browser.get(back)

    assert_refused(answer, "login-denied" if not state else "login-state-invalid", unseen=("<script>",))
    assert afterwards.status == 200


async def test_ya_10_a_russian_refusal_in_percent_encoding_is_understood(shared: Scene) -> None:
    shared.emulator.refuse("yandex")

    async with shared.browser() as browser, shared.nothing_spent():
        back = await way_back(browser, "yandex")
        answer = await browser.get(back)

    assert "Пользователь" in query_of(back)["error_description"]
    assert_refused(answer, "login-denied", unseen=("Пользователь",))


async def test_vk_13_b_an_error_alone_is_a_refusal_that_uses_nothing_up(shared: Scene) -> None:
    shared.emulator.refuse("vk", mode="b", times=1)
    shared.arrives("vk")

    async with shared.browser() as browser:
        refused_back = await way_back(browser, "vk")
        async with shared.nothing_spent():
            refused = await browser.get(refused_back)
        back = await way_back(browser, "vk")
        again = await browser.get(refused_back)
        accepted = await browser.get(back)

    assert set(query_of(refused_back)) == {"social", "error"}
    assert_refused(refused, "login-denied")
    assert_refused(again, "login-denied")
    assert accepted.status == 200


async def test_vk_13_c_a_device_without_a_code_is_malformed(shared: Scene) -> None:
    shared.emulator.refuse("vk", mode="c")

    async with shared.browser() as browser, shared.nothing_spent():
        back = await way_back(browser, "vk")
        answer = await browser.get(back)

    assert "device_id" in query_of(back)
    assert_refused(answer, "callback-malformed")


async def test_vk_13_d_a_browser_that_never_returns_may_begin_again(shared: Scene) -> None:
    shared.emulator.refuse("vk", mode="d", times=1)
    shared.arrives("vk")

    async with shared.browser() as browser:
        gone = await browser.get((await browser.depart("vk")).location)
        accepted = await browser.sign_in_with("vk")

    assert gone.status == 200
    assert accepted.status == 200


@pytest.mark.parametrize("error", ["login_required", "interaction_required"])
async def test_vk_12_a_silent_sign_in_that_needs_the_person_is_a_refusal(error: str, shared: Scene) -> None:
    shared.emulator.refuse("vk", error=error)

    async with shared.browser() as browser, shared.nothing_spent():
        answer = await browser.sign_in_with("vk")

    assert_refused(answer, "login-denied")


@pytest.mark.parametrize("query", ["", "&iss=x", "&device_id=x", "&state=" + "A" * 43, "&type=code_v2"])
async def test_a_callback_with_neither_code_nor_error_is_malformed(query: str, shared: Scene) -> None:
    async with shared.browser() as browser, shared.nothing_spent():
        answer = await browser.get("/oauth/authorize?social=yandex" + query)

    assert_refused(answer, "callback-malformed")


@pytest.mark.parametrize("social", PROVIDERS)
async def test_a_refusal_is_told_to_the_front_end_by_its_code(social: Provider, shared: Scene) -> None:
    shared.emulator.refuse(social, error=MARKER)

    async with shared.browser() as browser, shared.nothing_spent():
        answer = await browser.sign_in_with(social, return_to=RETURN_URL, code_challenge=CHALLENGE)

    assert (answer.status, answer.location) == (303, f"{RETURN_URL}?error=authorization-code-refused")


async def test_code_and_error_together_are_malformed(shared: Scene) -> None:
    shared.arrives("mail")
    shared.emulator.fault("mail", "callback", faults.code_and_error())

    async with shared.browser() as browser, shared.nothing_spent():
        answer = await browser.sign_in_with("mail")

    assert_refused(answer, "callback-malformed")


async def test_ya_11_unknown_parameters_of_a_callback_are_tolerated(shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser:
        back = await way_back(browser, "yandex")
        answer = await browser.get(altered(back, append=[("prompt", "none"), ("authuser", "0"), ("hd", "x")]))

    assert "cid" in query_of(back)
    assert answer.status == 200
