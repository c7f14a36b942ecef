"""The provider's published keys: fetched seldom, renewed when they must be, and kept while their source is away."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.tests.social.problems import assert_refused
from app.tests.social.scene import Scene, way_back
from app.tests.support.viewer import Answer
from emulator import faults


async def _sign_in(scene: Scene) -> Answer:
    scene.arrives("google")
    async with scene.browser() as browser:
        return await browser.sign_in_with("google")


async def test_id_23_a_rotation_right_after_a_sign_in_costs_one_fetch_and_no_sign_in(scene: Scene) -> None:
    before = await _sign_in(scene)
    scene.emulator.rotate_keys()
    after = await _sign_in(scene)
    again = await _sign_in(scene)

    assert (before.status, after.status, again.status) == (200, 200, 200)
    assert len(scene.emulator.requests("google", "jwks")) == 2


async def test_id_23_many_who_meet_the_new_key_at_once_share_one_fetch(scene: Scene) -> None:
    await _sign_in(scene)
    scene.emulator.rotate_keys()
    answers = await asyncio.gather(*(_sign_in(scene) for _ in range(8)))

    assert {answer.status for answer in answers} == {200}
    assert len(scene.emulator.requests("google", "jwks")) == 2


async def test_id_25_unknown_keys_cause_one_fetch_in_a_cool_down(scene: Scene) -> None:
    await _sign_in(scene)
    scene.emulator.clear_requests()
    scene.emulator.fault("google", "token", faults.unknown_key(), times=30)

    strangers = [await _sign_in(scene) for _ in range(30)]
    known = await _sign_in(scene)

    for answer in strangers:
        assert_refused(answer, "provider-answer-invalid")
    assert known.status == 200
    assert len(scene.emulator.requests("google", "jwks")) == 1


async def test_id_25_after_the_cool_down_an_unknown_key_is_looked_up_again(scene: Scene) -> None:
    await _sign_in(scene)
    scene.emulator.fault("google", "token", faults.unknown_key(), times=1)
    await _sign_in(scene)
    scene.emulator.rotate_keys()
    within = await _sign_in(scene)
    scene.clock.advance(timedelta(seconds=30))
    afterwards = await _sign_in(scene)

    assert_refused(within, "provider-answer-invalid")
    assert afterwards.status == 200


async def test_id_26_the_keys_serve_while_their_source_is_away_but_not_forever(scene: Scene) -> None:
    """FS-34."""
    await _sign_in(scene)
    for endpoint in ("jwks", "discovery"):
        scene.emulator.fault("google", endpoint, faults.status(503))
    scene.clock.advance(timedelta(hours=7))
    during = await _sign_in(scene)
    scene.clock.advance(timedelta(hours=24))
    async with scene.nothing_written(), scene.browser() as browser:
        too_long = await browser.depart("google")
    scene.emulator.clear_faults()
    scene.clock.advance(timedelta(seconds=30))
    healed = await _sign_in(scene)

    assert during.status == 200
    assert_refused(too_long, "provider-unavailable")
    assert healed.status == 200


async def test_fs_34_keys_that_change_while_their_source_is_away_open_nothing_until_it_is_back(scene: Scene) -> None:
    await _sign_in(scene)
    scene.emulator.rotate_keys()
    scene.emulator.fault("google", "jwks", faults.status(503))
    async with scene.nothing_written():
        during = [await _sign_in(scene) for _ in range(2)]
    scene.emulator.clear_faults()
    scene.clock.advance(timedelta(seconds=30))
    healed = await _sign_in(scene)

    for answer in during:
        assert_refused(answer, "provider-unavailable")
    assert healed.status == 200


async def test_id_21_without_a_kid_the_only_key_counts(scene: Scene) -> None:
    only = scene.emulator.world.keyring.published()[0].public_jwk()
    scene.emulator.fault("google", "jwks", faults.json({"keys": [only]}))
    scene.emulator.fault("google", "token", faults.id_token(remove_header=["kid"]))

    assert (await _sign_in(scene)).status == 200


UNUSABLE_KEYS: dict[str, Any] = {
    "no keys": {"keys": []},
    "not a set": {"keys": {"kty": "RSA"}},
    "nothing": {},
    "an error": {"error": "server_error"},
    "junk": {"keys": [None, 1, "x", [], {}, {"kty": "RSA", "n": 5, "e": []}, {"kty": "oct", "k": "AA"}]},
    "empty numbers": {"keys": [{"kty": "RSA", "n": "", "e": "", "kid": "x"}]},
    "not base64": {"keys": [{"kty": "RSA", "n": "*", "e": "AQAB", "kid": "x"}, {"kty": "RSA", "n": "é", "e": "AQAB"}]},
    "a small key": {"keys": [{"kty": "RSA", "n": "v" * 86, "e": "AQAB", "kid": "x"}]},
    "odd names": {"keys": [{"kty": "RSA", "n": "v" * 342, "e": "AQAB", "kid": ["x"]}]},
}


@pytest.mark.parametrize("document", UNUSABLE_KEYS.values(), ids=UNUSABLE_KEYS)
async def test_id_35_without_usable_keys_nobody_signs_in(document: Any, scene: Scene) -> None:
    scene.emulator.fault("google", "jwks", faults.json(document))

    async with scene.nothing_written():
        answer = await _sign_in(scene)

    assert_refused(answer, "provider-answer-invalid", "provider-unavailable")


async def test_id_35_keys_of_other_kinds_are_passed_over(scene: Scene) -> None:
    good = [key.public_jwk() for key in scene.emulator.world.keyring.published()]
    junk = [None, {"kty": "EC", "crv": "P-256"}, {"kty": "RSA", "n": 5, "e": []}, {**good[0], "use": "enc", "kid": "e"}]
    scene.emulator.fault("google", "jwks", faults.json({"keys": [*junk, *good]}))

    assert (await _sign_in(scene)).status == 200


@pytest.mark.parametrize("fault", [faults.status(500), faults.reset(), faults.html(), faults.json([])])
async def test_keys_that_cannot_be_had_are_fetched_again_after_a_pause(fault: Any, scene: Scene) -> None:
    scene.emulator.fault("google", "jwks", fault)
    scene.arrives("google")

    async with scene.browser() as browser, scene.nothing_written():
        answer = await browser.get(await way_back(browser, "google"))
    scene.emulator.clear_faults()
    scene.clock.advance(timedelta(seconds=30))
    later = await _sign_in(scene)

    assert_refused(answer, "provider-unavailable", "provider-answer-invalid")
    assert later.status == 200
