"""The hand-over to a front end: a one-time code in the address, the pair only in an answer."""

import asyncio
import secrets
from datetime import timedelta

import pytest

from app.social.oauth2 import code_challenge
from app.tests.social.problems import assert_refused
from app.tests.social.scene import RETURN_URL, Scene, query_of, way_back
from app.tests.support.viewer import Answer, Viewer
from emulator import faults
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

VERIFIER = "a-verifier.of_the~front-end-with-43-signs-or-more"
CHALLENGE = code_challenge(VERIFIER)


async def _land(browser: Viewer, social: Provider, return_to: str = RETURN_URL) -> Answer:
    return await browser.get(await way_back(browser, social, return_to=return_to, code_challenge=CHALLENGE))


async def _exchange(browser: Viewer, code: str, verifier: str = VERIFIER) -> Answer:
    return await browser.post("/oauth/exchange", {"code": code, "code_verifier": verifier})


@pytest.mark.parametrize("social", PROVIDERS)
async def test_the_code_in_the_address_fetches_the_pair(social: Provider, shared: Scene) -> None:
    shared.arrives(social)

    async with shared.browser() as browser:
        landed = await _land(browser, social)
        exchanged = browser.keep(await _exchange(browser, landed.location_query["code"]))
        me = await browser.get("/me")
        refreshed = await browser.refresh()

    assert (landed.status, landed.location.partition("?")[0]) == (303, RETURN_URL)
    assert set(landed.location_query) == {"code"}
    assert landed.headers["cache-control"] == exchanged.headers["cache-control"] == "no-store"
    assert set(exchanged.json) == {
        "access_token", "refresh_token", "expires_in", "refresh_expires_in", "token_type", "is_new_account",
    }  # fmt: skip
    assert exchanged.json["is_new_account"] is True
    assert (me.status, refreshed.status) == (200, 200)


async def test_no_token_is_in_the_address_or_the_page(shared: Scene) -> None:
    shared.arrives("google")

    async with shared.browser() as browser:
        landed = await _land(browser, "google")

    assert "eyJ" not in landed.text + str(landed.headers)
    assert len(landed.location_query["code"]) == 43


@pytest.mark.parametrize(
    "verifier", ["x" * 43, VERIFIER + "x", VERIFIER[:-1], "", CHALLENGE, "short", "x" * 129, "я" * 43, VERIFIER.upper()]
)
async def test_another_verifier_opens_nothing_and_uses_the_code_up(verifier: str, shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser:
        code = (await _land(browser, "yandex")).location_query["code"]
        stolen = await _exchange(browser, code, verifier)
        if 43 <= len(verifier) <= 128 and verifier.isascii():
            assert_refused(await _exchange(browser, code), "hand-over-code-invalid")

    assert_refused(stolen, "hand-over-code-invalid", "validation-failed")


async def test_oa_26_the_code_works_once(shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser:
        code = (await _land(browser, "yandex")).location_query["code"]
        first, second = await _exchange(browser, code), await _exchange(browser, code)

    assert first.status == 200
    assert_refused(second, "hand-over-code-invalid")


async def test_oa_26_of_fifty_at_once_exactly_one_gets_the_pair(shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser:
        for _ in range(3):
            code = (await _land(browser, "yandex")).location_query["code"]
            answers = await asyncio.gather(*(_exchange(browser, code) for _ in range(50)))
            winners = [answer for answer in answers if answer.status == 200]

            assert len(winners) == 1
            for loser in answers:
                if loser is not winners[0]:
                    assert_refused(loser, "hand-over-code-invalid")


async def test_oa_26_whoever_sees_the_code_needs_the_verifier_too(shared: Scene) -> None:
    """Another browser with the code but not the verifier, as a proxy's log would give it."""
    shared.arrives("yandex")

    async with shared.browser() as browser, shared.browser() as thief:
        code = (await _land(browser, "yandex")).location_query["code"]
        stolen = await _exchange(thief, code, secrets.token_urlsafe(32))

    assert_refused(stolen, "hand-over-code-invalid")


@pytest.mark.parametrize("code", ["", "x", "A" * 43, "A" * 44, "A" * 42 + "é", "A" * 43 + "\n", "A" * 5000, "../" * 14])
async def test_a_code_that_was_never_issued_opens_nothing(code: str, shared: Scene) -> None:
    async with shared.browser() as browser:
        answer = await _exchange(browser, code)

    assert_refused(answer, "hand-over-code-invalid", "validation-failed")


@pytest.mark.asyncio(loop_scope="function")
async def test_oa_26_the_code_lives_for_a_minute(scene: Scene) -> None:
    scene.arrives("yandex")

    async with scene.browser() as browser:
        in_time = (await _land(browser, "yandex")).location_query["code"]
        late = (await _land(browser, "yandex")).location_query["code"]
        scene.clock.advance(timedelta(seconds=59))
        accepted = await _exchange(browser, in_time)
        scene.clock.advance(timedelta(seconds=1))
        refused = await _exchange(browser, late)

    assert accepted.status == 200
    assert accepted.json["expires_in"] == 300 - 59  # counted from the answer, as RFC 6749 has it
    assert accepted.json["refresh_expires_in"] == 14 * 86400 - 59
    assert_refused(refused, "hand-over-code-invalid")


async def test_a_session_that_was_ended_meanwhile_is_not_handed_over(shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser, shared.browser() as other_device:
        await other_device.sign_in_with("yandex")
        code = (await _land(browser, "yandex")).location_query["code"]
        ended = await other_device.post("/logout/all")
        exchanged = await _exchange(browser, code)

    assert ended.status == 204
    assert_refused(exchanged, "hand-over-code-invalid")


async def test_lk_31_other_members_of_the_exchange_are_ignored(shared: Scene) -> None:
    shared.arrives("yandex")
    victim = shared.newcomer()
    shared.emulator.decide("google", persona=victim)

    async with shared.browser() as owner, shared.browser() as browser:
        await owner.sign_in_with("google")
        victim_id = (await owner.get("/me")).json["id"]
        shared.arrives("yandex")
        code = (await _land(browser, "yandex")).location_query["code"]
        body = {"code": code, "code_verifier": VERIFIER, "user": victim_id, "sub": victim_id, "email": "x@gmail.com"}
        browser.keep(await browser.post("/oauth/exchange", body))
        me = await browser.get("/me")

    assert me.json["id"] != victim_id
    assert me.json["email"] != "x@gmail.com"


FAILURES = {
    "provider-unavailable": faults.status(503),
    "provider-answer-invalid": faults.html(),
    "authorization-code-refused": faults.json(
        {"error": "invalid_grant", "error_description": "secret words"}, code=400
    ),
}


@pytest.mark.parametrize("social", PROVIDERS)
@pytest.mark.parametrize(("code", "fault"), FAILURES.items())
async def test_a_failure_is_told_to_the_front_end_by_its_code(
    code: str, fault: object, social: Provider, shared: Scene
) -> None:
    shared.arrives(social)
    shared.emulator.fault(social, "token", fault)  # type: ignore[arg-type]

    async with shared.browser() as browser, shared.nothing_written():
        landed = await _land(browser, social)

    assert (landed.status, landed.location) == (303, f"{RETURN_URL}?error={code}")
    assert landed.headers["cache-control"] == "no-store"


async def test_a_query_of_the_return_address_is_kept(shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser:
        landed = await _land(browser, "yandex", f"{RETURN_URL}?tab=films&lang=ru")

    assert landed.location.startswith(f"{RETURN_URL}?tab=films&lang=ru&code=")


async def test_a_bare_question_mark_of_the_return_address_does_no_harm(shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser:
        landed = await _land(browser, "yandex", f"{RETURN_URL}?")

    assert set(landed.location_query) == {"code"}


@pytest.mark.parametrize("name", ["code", "error"])
async def test_a_return_address_may_not_bring_the_parameters_that_we_add(name: str, shared: Scene) -> None:
    """Whoever reads the first of two codes would take somebody else's."""
    async with shared.browser() as browser:
        answer = await browser.depart("yandex", return_to=f"{RETURN_URL}?a=b&{name}=x", code_challenge=CHALLENGE)

    assert_refused(answer, "return-address-refused")


@pytest.mark.parametrize("challenge", [None, "", "x", "A" * 42, "A" * 44, "A" * 42 + "=", "A" * 42 + "+", "é" * 43])
async def test_a_return_address_needs_a_challenge(challenge: str | None, shared: Scene) -> None:
    options = {} if challenge is None else {"code_challenge": challenge}

    async with shared.browser() as browser:
        answer = await browser.depart("yandex", return_to=RETURN_URL, **options)

    assert_refused(answer, "return-address-refused")


async def test_a_challenge_alone_changes_nothing(shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser:
        answer = await browser.get(await way_back(browser, "yandex", code_challenge=CHALLENGE))

    assert answer.status == 200
    assert "access_token" in answer.json


async def test_the_front_ends_challenge_never_reaches_the_provider(shared: Scene) -> None:
    async with shared.browser() as browser:
        departure = await browser.depart("yandex", return_to=RETURN_URL, code_challenge=CHALLENGE)

    assert CHALLENGE not in departure.location
    assert "cinema.example" not in departure.location
    assert query_of(departure.location)["code_challenge"] != CHALLENGE
