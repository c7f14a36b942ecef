"""What people agree to: asked for at the registration, kept with time and place, taken back at any time."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.tests.social.scene import open_scene
from app.tests.support.clock import ManualClock
from app.tests.support.people import execute
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Answer, Viewer

EMAIL = "anna@example.ru"
DATA = {"document": "personal-data", "version": "2026-01"}
TERMS = {"document": "terms", "version": "3"}
LETTERS = {"document": "marketing", "version": "1"}
DOCUMENTS: dict[str, Any] = {"consents": ("personal-data:2026-01", "terms:3"), "consents_optional": ("marketing:1",)}


@pytest.fixture
async def asking(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Service]:
    """The service of a cinema with documents."""
    async with serving(tmp_path / "data", clock, **DOCUMENTS) as service:
        yield service


@pytest.fixture
async def newcomer(asking: Service) -> AsyncIterator[Viewer]:
    async with asking.viewer(**{"User-Agent": "Television"}) as viewer:
        yield viewer


async def sign_up(viewer: Viewer, *consents: dict[str, str], password: str = PASSWORD) -> Answer:
    return await viewer.post("/register", {"email": EMAIL, "password": password, "consents": consents})


async def confirm_newest(service: Service, viewer: Viewer) -> None:
    await viewer.post("/email/confirm", {"token": await service.confirmation_token(EMAIL)})


async def become_anna(service: Service, viewer: Viewer, *consents: dict[str, str]) -> None:
    """Register, confirm and sign in."""
    await sign_up(viewer, *consents)
    await confirm_newest(service, viewer)
    assert (await viewer.login(EMAIL)).status == 200


def shown(answer: Answer) -> list[tuple[str, str, bool]]:
    return [(each["document"], each["version"], each["withdrawn_at"] is None) for each in answer.json["items"]]


async def test_what_was_agreed_to_is_kept_with_time_and_place(
    asking: Service, newcomer: Viewer, clock: ManualClock
) -> None:
    await become_anna(asking, newcomer, DATA, TERMS, LETTERS)

    answer = await newcomer.get("/me/consents")

    moment = clock.now().isoformat().replace("+00:00", "Z")
    place = {"given_at": moment, "withdrawn_at": None, "address": "127.0.0.1", "user_agent": "Television"}
    assert answer.json == {"items": [{**each, **place} for each in (DATA, TERMS, LETTERS)], "missing": []}
    assert answer.headers["Cache-Control"] == "no-store"
    assert (await newcomer.get("/me")).json["consents_missing"] == []


REFUSED = {
    "none": ([], "/consents"),
    "one is missing": ([DATA], "/consents"),
    "unknown": ([DATA, TERMS, {"document": "soul", "version": "1"}], "/consents/2/document"),
    "outdated": ([DATA, {"document": "terms", "version": "2"}], "/consents/1/version"),
    "twice": ([DATA, TERMS, TERMS], "/consents"),
}


@pytest.mark.parametrize(("consents", "pointer"), REFUSED.values(), ids=REFUSED.keys())
async def test_nobody_registers_without_the_consents_that_it_needs(
    consents: list[dict[str, str]], pointer: str, asking: Service, newcomer: Viewer
) -> None:
    answer = await sign_up(newcomer, *consents)

    assert (answer.code, answer.json["errors"][0]["pointer"]) == ("invalid-input", pointer)
    assert [await asking.count(table) for table in ("users", "consents", "outbox")] == [0, 0, 0]


async def test_where_nothing_is_asked_for_nothing_is_needed_and_nothing_unknown_is_taken(viewer: Viewer) -> None:
    assert [(await sign_up(viewer, *given)).status for given in ((), (TERMS,))] == [202, 422]


async def test_registering_a_known_address_again_answers_the_same_and_adds_nothing(
    asking: Service, newcomer: Viewer
) -> None:
    """EN-02, LK-12: neither to an account with an owner, nor to one without."""
    first = await sign_up(newcomer, DATA, TERMS)
    unconfirmed = await sign_up(newcomer, DATA, TERMS, LETTERS)
    kept = await asking.count("consents")
    await confirm_newest(asking, newcomer)
    await newcomer.login(EMAIL)
    await newcomer.post("/me/consents", {"consents": [DATA, TERMS]})
    before = await execute(asking, "SELECT * FROM consents")

    confirmed = await sign_up(newcomer, DATA, TERMS, LETTERS)
    without = await sign_up(newcomer)

    assert (first.status, first.text) == (unconfirmed.status, unconfirmed.text) == (confirmed.status, confirmed.text)
    assert without.status == 422
    assert (kept, len(before)) == (2, 2)
    assert await execute(asking, "SELECT * FROM consents") == before


async def test_whoever_confirms_an_address_is_not_bound_by_what_a_stranger_agreed_to(
    asking: Service, newcomer: Viewer
) -> None:
    """LK-12: of two who registered one address, nobody knows whose consents those were; the front end asks again."""
    await sign_up(newcomer, DATA, TERMS, LETTERS, password="a stranger's password")
    await sign_up(newcomer, DATA, TERMS)
    await confirm_newest(asking, newcomer)
    await newcomer.login(EMAIL)

    assert shown(await newcomer.get("/me/consents")) == []
    assert (await newcomer.get("/me")).json["consents_missing"] == [DATA, TERMS]


async def test_a_reset_that_proves_the_address_first_forgets_a_stranger_s_consents(
    asking: Service, newcomer: Viewer
) -> None:
    """LK-12: the mailbox's owner never registered."""
    await sign_up(newcomer, DATA, TERMS)
    await newcomer.post("/password/forgot", {"email": EMAIL})
    token = await asking.confirmation_token(EMAIL)
    await newcomer.post("/password/reset", {"token": token, "password": "seven quiet blue boats"})
    await newcomer.login(EMAIL, "seven quiet blue boats")

    assert shown(await newcomer.get("/me/consents")) == []


async def test_a_reset_later_on_leaves_them_alone(asking: Service, newcomer: Viewer) -> None:
    await become_anna(asking, newcomer, DATA, TERMS)
    await newcomer.post("/password/forgot", {"email": EMAIL})
    token = await asking.confirmation_token(EMAIL)
    await newcomer.post("/password/reset", {"token": token, "password": "seven quiet blue boats"})
    await newcomer.login(EMAIL, "seven quiet blue boats")

    assert len(shown(await newcomer.get("/me/consents"))) == 2


async def test_what_is_missing_is_asked_for_and_given_once(asking: Service, newcomer: Viewer) -> None:
    """As for somebody who came by a social network, or when there is a new version."""
    await become_anna(asking, newcomer, DATA, TERMS)
    await execute(asking, "DELETE FROM consents WHERE document = 'terms'")
    missing = (await newcomer.get("/me")).json["consents_missing"]

    answers = [await newcomer.post("/me/consents", {"consents": missing}) for _ in range(2)]

    assert missing == [TERMS]
    assert [shown(each) for each in answers] == [[("personal-data", "2026-01", True), ("terms", "3", True)]] * 2
    assert answers[0].json["missing"] == []


async def test_whoever_comes_by_a_network_is_asked_afterwards(tmp_path: Path) -> None:
    async with open_scene(tmp_path / "data", **DOCUMENTS) as scene, scene.browser() as boris:
        scene.arrives("vk")
        await boris.sign_in_with("vk")
        missing = (await boris.get("/me")).json["consents_missing"]

        await boris.post("/me/consents", {"consents": missing})

        assert missing == [DATA, TERMS]
        assert (await boris.get("/me")).json["consents_missing"] == []


@pytest.mark.parametrize("wrong", [{"document": "terms", "version": "2"}, {"document": "soul", "version": "3"}])
async def test_only_what_there_is_can_be_agreed_to(wrong: dict[str, str], asking: Service, newcomer: Viewer) -> None:
    await become_anna(asking, newcomer, DATA, TERMS)

    answer = await newcomer.post("/me/consents", {"consents": [LETTERS, wrong]})

    assert (answer.status, answer.code) == (422, "invalid-input")
    assert await asking.count("consents") == 2


async def test_of_many_who_agree_at_once_one_is_recorded(asking: Service, newcomer: Viewer) -> None:
    await become_anna(asking, newcomer, DATA, TERMS)

    await asyncio.gather(*(newcomer.post("/me/consents", {"consents": [LETTERS]}) for _ in range(8)))

    assert await asking.count("consents") == 3


async def test_a_consent_is_taken_back_and_the_record_stays(
    asking: Service, newcomer: Viewer, clock: ManualClock
) -> None:
    await become_anna(asking, newcomer, DATA, TERMS, LETTERS)

    gone = [await newcomer.delete("/me/consents/terms") for _ in range(2)]
    after = await newcomer.get("/me/consents")
    again = await newcomer.post("/me/consents", {"consents": [TERMS]})

    assert [each.status for each in gone] == [204, 404]
    assert sorted(shown(after)) == [("marketing", "1", True), ("personal-data", "2026-01", True), ("terms", "3", False)]
    assert after.json["missing"] == [TERMS]
    assert [each[2] for each in shown(again) if each[0] == "terms"] == [False, True]


@pytest.mark.parametrize("document", ["soul", "TERMS", "terms:3", "..%2fterms", "%00", "x" * 999])
async def test_what_was_never_agreed_to_cannot_be_taken_back(document: str, asking: Service, newcomer: Viewer) -> None:
    """AZ-07."""
    await become_anna(asking, newcomer, DATA, TERMS)

    assert (await newcomer.delete(f"/me/consents/{document}")).status in {400, 404}
    assert len([each for each in shown(await newcomer.get("/me/consents")) if each[2]]) == 2


async def test_consents_are_in_the_own_data_and_go_with_the_account(asking: Service, newcomer: Viewer) -> None:
    """SE-11, LK-28."""
    await become_anna(asking, newcomer, DATA, TERMS)
    listed = (await newcomer.get("/me/consents")).json["items"]

    exported = (await newcomer.get("/me/export")).json["consents"]
    erased = await newcomer.delete("/me")

    assert (exported, erased.status) == (listed, 204)
    assert await asking.count("consents") == 0


async def test_consents_are_ones_own(asking: Service, newcomer: Viewer) -> None:
    await become_anna(asking, newcomer, DATA, TERMS)
    async with asking.viewer() as boris:
        body = {"email": "boris@example.ru", "password": PASSWORD, "consents": [DATA, TERMS, LETTERS]}
        await boris.post("/register", body)
        await boris.post("/email/confirm", {"token": await asking.confirmation_token("boris@example.ru")})
        await boris.login("boris@example.ru")

        assert (await boris.delete("/me/consents/terms")).status == 204
    assert [each[2] for each in shown(await newcomer.get("/me/consents"))] == [True, True]
