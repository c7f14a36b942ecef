"""The state ties an answer to its attempt, its provider and its browser; whatever else comes is refused unspent."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.tests.social.problems import assert_refused
from app.tests.social.scene import Scene, altered, get_exactly, query_of, way_back
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORGERIES: dict[str, Callable[[str], str]] = {
    "one character changed": lambda state: ("B" if state[0] == "A" else "A") + state[1:],
    "truncated": lambda state: state[:-1],
    "longer": lambda state: state + "A",
    "case swapped": lambda state: state.swapcase(),
    "trailing space": lambda state: state + "+",
    "trailing NUL": lambda state: state + "%00",
    "trailing newline": lambda state: state + "%0A",
    "padding": lambda state: state + "=",
    "another script": lambda state: state[:-1] + "%D0%90",
    "never issued": lambda _: "A" * 43,
    "huge": lambda _: "A" * 5000,
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
async def test_oa_05_a_changed_state_is_refused(forge: Callable[[str], str], shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser, shared.nothing_spent():
        back = await way_back(browser, "yandex")
        state = query_of(back)["state"]
        answer = await get_exactly(browser, back.replace(state, forge(state)))

    assert_refused(answer, "login-state-invalid", "malformed-request", "validation-failed")


@pytest.mark.parametrize("with_cookie", [True, False])
@pytest.mark.parametrize("query", ["&code=x", "&code=x&state="])
async def test_oa_04_no_state_is_no_answer(query: str, with_cookie: bool, shared: Scene) -> None:
    async with shared.browser() as browser, shared.nothing_spent():
        if with_cookie:
            await browser.depart("yandex")
        answer = await browser.get("/oauth/authorize?social=yandex" + query)

    assert_refused(answer, "callback-malformed")


@pytest.mark.parametrize("social", PROVIDERS)
async def test_oa_16_an_answer_to_another_browser_is_refused(social: Provider, shared: Scene) -> None:
    """The attacker's code and state are led to the victim's browser, which has no attempt of its own."""
    shared.arrives(social)

    async with shared.browser() as attacker, shared.browser() as victim, shared.nothing_spent():
        answer = await victim.get(await way_back(attacker, social))

    assert_refused(answer, "login-state-invalid")


@pytest.mark.parametrize("social", PROVIDERS)
async def test_oa_02_a_foreign_answer_does_not_disturb_ones_own_attempt(social: Provider, shared: Scene) -> None:
    shared.arrives(social)

    async with shared.browser() as attacker, shared.browser() as victim:
        own = await way_back(victim, social)
        async with shared.nothing_spent():
            forged = await victim.get(await way_back(attacker, social))
        finished = await victim.get(own)

    assert_refused(forged, "login-state-invalid")
    assert finished.status == 200


async def test_oa_02_the_cookie_of_another_attempt_does_not_fit(shared: Scene) -> None:
    """The victim's own key under the name of the attacker's cookie is still another key."""
    shared.arrives("yandex")

    async with shared.browser() as attacker, shared.browser() as victim, shared.nothing_spent():
        foreign = await way_back(attacker, "yandex")
        name = next(iter(attacker.session.cookie_jar)).key
        await victim.depart("yandex")
        own_key = next(iter(victim.session.cookie_jar)).value
        answer = await get_exactly(victim, foreign, cookies={name: own_key})

    assert_refused(answer, "login-state-invalid")


@pytest.mark.parametrize("arrives_at", PROVIDERS)
@pytest.mark.parametrize("begun_at", PROVIDERS)
async def test_oa_07_mx_07_a_state_names_its_provider(begun_at: Provider, arrives_at: Provider, shared: Scene) -> None:
    shared.arrives(begun_at)

    async with shared.browser() as browser:
        back = await way_back(browser, begun_at)
        if begun_at == arrives_at:
            assert (await browser.get(back)).status == 200
            return
        async with shared.nothing_spent():
            answer = await browser.get(altered(back, social=arrives_at, device_id="any"))

    assert_refused(answer, "login-state-invalid")


@pytest.mark.parametrize("style", ["?social=vk&", "/vk?"])
async def test_mx_07_an_answer_at_the_address_of_another_provider_is_refused(style: str, shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser, shared.nothing_spent():
        found = query_of(await way_back(browser, "yandex"))
        answer = await browser.get(
            f"/oauth/authorize{style}code={found['code']}&state={found['state']}&device_id=device"
        )

    assert_refused(answer, "login-state-invalid")


@pytest.mark.parametrize("social", PROVIDERS)
async def test_an_attempt_is_used_once(social: Provider, shared: Scene) -> None:
    shared.arrives(social)

    async with shared.browser() as browser:
        departure = await browser.depart(social)
        cookies = {each.key: each.value for each in browser.session.cookie_jar}
        back = await browser.visit_provider(departure)
        first = await browser.get(back)
        async with shared.nothing_spent():
            second = await get_exactly(browser, back, cookies=cookies)

    assert first.status == 200
    assert_refused(second, "login-state-invalid")


async def test_several_attempts_of_one_browser_live_side_by_side(shared: Scene) -> None:
    shared.arrives("yandex")
    shared.arrives("google")

    async with shared.browser() as browser:
        tabs = [await way_back(browser, social) for social in ("yandex", "google", "yandex")]
        answers = [await browser.get(back) for back in reversed(tabs)]

    assert [answer.status for answer in answers] == [200, 200, 200]


AMBIGUOUS = {
    "two codes": [("code", "another")],
    "two states": [("state", "A" * 43)],
    "code and error": [("error", "access_denied")],
    "two providers": [("social", "vk")],
    "two issuers": [("iss", "https://a.example"), ("iss", "https://b.example")],
}


@pytest.mark.parametrize("append", AMBIGUOUS.values(), ids=AMBIGUOUS)
async def test_oa_13_an_ambiguous_answer_is_refused_and_spends_nothing(
    append: list[tuple[str, str]], shared: Scene
) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser:
        back = await way_back(browser, "yandex")
        async with shared.nothing_spent():
            ambiguous = await browser.get(altered(back, append=append))
        afterwards = await browser.get(back)

    assert_refused(ambiguous, "malformed-request", "callback-malformed")
    assert afterwards.status == 200


async def test_oa_13_a_name_spelled_with_escapes_is_the_same_name(shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser, shared.nothing_spent():
        answer = await get_exactly(browser, await way_back(browser, "yandex") + "&%63ode=another")

    assert_refused(answer, "malformed-request")


@pytest.mark.asyncio(loop_scope="function")
async def test_oa_10_an_attempt_lives_for_ten_minutes(scene: Scene) -> None:
    scene.arrives("yandex")

    async with scene.browser() as browser, scene.browser() as quick:
        late, in_time = await way_back(browser, "yandex"), await way_back(quick, "yandex")
        scene.clock.advance(timedelta(minutes=10, seconds=-1))
        just_in_time = await quick.get(in_time)
        scene.clock.advance(timedelta(minutes=1))
        async with scene.nothing_spent():
            too_late = await browser.get(late)
        afresh = await browser.sign_in_with("yandex")

    assert just_in_time.status == 200
    assert_refused(too_late, "login-state-invalid")
    assert afresh.status == 200
