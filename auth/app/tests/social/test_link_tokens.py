"""A link token is worth nothing to anybody but who brought the identity, and to them without a proof (LK, OA)."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.social import pending_link
from app.social.model import PendingLink, Profile
from app.tests.social.accounts import my_id, sign_in
from app.tests.social.colliding import Met, collide, come, prove
from app.tests.social.linking import socials
from app.tests.social.problems import assert_refused
from app.tests.social.scene import Scene, open_scene
from app.tests.support.people import block, signed_in
from app.tests.support.viewer import PASSWORD, Viewer

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    "edited",
    [
        {"email": "{other}"},
        {"user_id": "{other_id}"},
        {"account": "{other_id}", "social": "google", "subject": "1"},
        {"profile": {"subject": "1", "email": "{other}", "email_verified": True}},
    ],
    ids="+".join,
)
async def test_lk_13_what_the_client_edits_is_not_looked_at(edited: dict[str, Any], shared: Scene) -> None:
    """The account and the identity are the ones of the token, whatever else is sent along."""
    async with shared.browser() as other:
        victim = await collide(shared, other)
    names = {"{other}": victim.email, "{other_id}": victim.owner_id}
    sent = {name: names.get(str(value), value) for name, value in edited.items()}

    async with shared.browser() as browser:
        met = await collide(shared, browser)
        answer = await prove(browser, met, password=PASSWORD, **sent)
        browser.keep(answer)

        assert my_id(browser) == met.owner_id
    assert (await sign_in(shared, "vk", met.persona)).id == met.owner_id
    async with signed_in(shared.service, victim.email) as owner:
        assert await socials(owner) == []


async def test_lk_14_the_proof_of_one_identity_does_not_serve_another(shared: Scene) -> None:
    """The attacker has come with a second identity to the same address, and waits for the owner's proof."""
    async with shared.browser() as browser, shared.browser() as thief:
        met = await collide(shared, browser, "google")
        persona = shared.newcomer()
        shared.emulator.change(persona, "google", email=met.email)
        foreign = await come(shared, thief, "google", persona, email=met.email, owner_id=met.owner_id)

        assert (await prove(browser, met, password=PASSWORD)).status == 200
        async with shared.nothing_written():
            answer = await prove(thief, foreign)

    assert_refused(answer, "authentication-required")
    assert (await sign_in(shared, "google", met.persona)).id == met.owner_id


async def test_lk_14_the_owners_browser_does_not_prove_somebody_elses_identity(shared: Scene) -> None:
    """The attacker's token in the victim's browser, who is signed in and even types the password."""
    async with shared.browser() as thief, shared.browser() as victim:
        met = await collide(shared, thief)
        await victim.login(met.email)
        async with shared.nothing_written():
            answers = [
                await victim.post("/oauth/link", {"link_token": met.token, **proof})
                for proof in ({}, {"code_verifier": "v" * 43}, {"password": PASSWORD})
            ]

        for answer in answers:
            assert_refused(answer, "link-token-invalid")
        assert await socials(victim) == []


async def test_lk_14_a_cookie_binds_the_token_where_there_is_no_challenge(shared: Scene) -> None:
    async with shared.browser() as thief, shared.browser() as victim:
        met = await collide(shared, thief)
        shared.emulator.decide("vk", persona=met.persona)
        token = (await thief.sign_in_with("vk")).json["link_token"]
        await victim.depart("vk")  # an attempt, and a cookie, of the victim's own
        async with shared.nothing_written():
            answer = await victim.post("/oauth/link", {"link_token": token, "password": PASSWORD})

        assert_refused(answer, "link-token-invalid")
        assert (await thief.post("/oauth/link", {"link_token": token, "password": PASSWORD})).status == 200


async def test_lk_14_another_verifier_does_not_fetch_the_token(shared: Scene) -> None:
    async with shared.browser() as browser:
        met = await collide(shared, browser)
        shared.emulator.decide("vk", persona=met.persona)
        landed = await browser.sign_in_with("vk", return_to="https://cinema.example/welcome", code_challenge="c" * 43)
        code = landed.location_query["code"]

        answer = await browser.post("/oauth/exchange", {"code": code, "code_verifier": "v" * 43})

    assert_refused(answer, "hand-over-code-invalid")


async def test_the_session_of_somebody_else_is_no_proof(shared: Scene) -> None:
    async with shared.browser() as browser:
        met = await collide(shared, browser)
        async with signed_in(shared.service, "somebody-else@elsewhere.example") as other, shared.nothing_written():
            answer = await prove(other, met)

    assert_refused(answer, "link-not-yours", unseen=(met.email, met.owner_id))


async def _try_wrongly(browser: Viewer, met: Met, times: int) -> list[str | None]:
    return [(await prove(browser, met, password="wrong")).code for _ in range(times)]


async def test_rl_12_after_five_wrong_proofs_the_token_is_dead(shared: Scene) -> None:
    async with shared.browser() as browser:
        met = await collide(shared, browser)
        codes = await _try_wrongly(browser, met, 6)
        answer = await prove(browser, met, password=PASSWORD)

    assert codes == ["current-password-wrong"] * 5 + ["link-token-invalid"]
    assert_refused(answer, "link-token-invalid")


async def test_after_four_wrong_proofs_the_right_one_counts(shared: Scene) -> None:
    async with shared.browser() as browser:
        met = await collide(shared, browser)
        await _try_wrongly(browser, met, 4)

        assert (await prove(browser, met, password=PASSWORD)).status == 200


async def test_rl_12_proofs_at_once_are_tried_one_by_one(shared: Scene) -> None:
    async with shared.browser() as browser:
        met = await collide(shared, browser)
        answers = await asyncio.gather(*(prove(browser, met, password=f"wrong {number}") for number in range(40)))

    codes = Counter(answer.code for answer in answers)
    assert set(codes) <= {"current-password-wrong", "link-token-invalid"}
    assert codes["current-password-wrong"] <= 5


async def test_of_many_right_proofs_at_once_one_links(shared: Scene) -> None:
    async with shared.browser() as browser:
        for _ in range(5):
            met = await collide(shared, browser)
            answers = await asyncio.gather(*(prove(browser, met, password=PASSWORD) for _ in range(8)))

            codes = Counter((answer.status, answer.code) for answer in answers)
            assert codes == {(200, None): 1, (400, "link-token-invalid"): 7}


async def test_a_token_is_used_once(shared: Scene) -> None:
    async with shared.browser() as browser:
        met = await collide(shared, browser)
        await prove(browser, met, password=PASSWORD)
        async with shared.nothing_written():
            answer = await prove(browser, met, password=PASSWORD)

    assert_refused(answer, "link-token-invalid")


@pytest.mark.parametrize("token", ["", "short", "A" * 43, "A" * 44, "../" * 10, "я" * 43])
async def test_a_made_up_token_links_nothing(token: str, shared: Scene) -> None:
    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.post("/oauth/link", {"link_token": token, "code_verifier": "v" * 43, "separate": True})

    assert_refused(answer, "link-token-invalid")


async def test_oa_25_no_value_serves_where_another_kind_is_wanted(shared: Scene) -> None:
    async with shared.browser() as browser:
        met = await collide(shared, browser)
        state = (await browser.depart("vk")).location.split("state=")[1].split("&")[0]
        async with shared.nothing_written():
            as_code = await browser.post("/oauth/exchange", {"code": met.token, "code_verifier": met.verifier})
            as_mail = await browser.post("/email/confirm", {"token": met.token})
            as_refresh = await browser.post("/refresh", {"refresh_token": met.token})
            as_state = await browser.get(f"/oauth/authorize?social=yandex&code=x&state={met.token}")
            from_state = await browser.post("/oauth/link", {**met.proof, "link_token": state, "password": PASSWORD})
        linked = await prove(browser, met, password=PASSWORD)

    codes = [answer.code for answer in (as_code, as_mail, as_refresh, as_state, from_state)]
    assert codes == [
        "hand-over-code-invalid",
        "mail-token-invalid",
        "refresh-token-invalid",
        "login-state-invalid",
        "link-token-invalid",
    ]
    assert linked.status == 200


async def test_lk_18_an_identity_that_was_linked_elsewhere_meanwhile_stays_there(shared: Scene) -> None:
    async with shared.browser() as browser, shared.browser() as same_person:
        met = await collide(shared, browser)
        again = await come(shared, same_person, "vk", met.persona, email=met.email, owner_id=met.owner_id)
        same_person.keep(await prove(same_person, again, separate=True))
        async with shared.nothing_written():
            answer = await prove(browser, met, password=PASSWORD)
            dead = await prove(browser, met, password=PASSWORD)

        assert (await sign_in(shared, "vk", met.persona)).id == my_id(same_person)
    assert_refused(answer, "identity-in-use")
    assert_refused(dead, "link-token-invalid")


async def test_a_blocked_owner_links_nothing_and_is_told_only_with_the_right_password(shared: Scene) -> None:
    async with shared.browser() as browser:
        met = await collide(shared, browser)
        await block(shared.service, met.email)
        async with shared.nothing_written():
            wrong = await prove(browser, met, password="wrong")
            right = await prove(browser, met, password=PASSWORD)

    assert_refused(wrong, "current-password-wrong")
    assert_refused(right, "account-blocked")


@pytest.mark.asyncio(loop_scope="function")
async def test_rl_18_passwords_tried_here_count_like_those_at_the_sign_in(tmp_path: Path) -> None:
    async with open_scene(tmp_path / "data", rate_limits=True) as scene, scene.browser() as browser:
        met = await collide(scene, browser)
        for _ in range(9):
            await browser.post("/login", {"email": met.email, "password": "wrong"})
        limited = await prove(browser, met, password=PASSWORD)
        assert_refused(limited, "too-many-requests")

        assert (await prove(browser, met, separate=True)).status == 200  # the token was not used up


async def test_a_password_is_no_proof_of_an_account_without_one(shared: Scene) -> None:
    somebody = shared.newcomer()
    owner = await sign_in(shared, "yandex", somebody)
    shared.emulator.change(somebody, "vk", email=owner.me["email"])

    async with shared.browser() as browser, shared.nothing_written():
        met = await come(shared, browser, "vk", somebody, email=owner.me["email"], owner_id=owner.id)
        answer = await prove(browser, met, password="")

    assert_refused(answer, "current-password-wrong")


async def test_the_store_holds_no_token_that_could_be_used(shared: Scene) -> None:
    """A dump of it names people, and opens nothing."""
    services = shared.service.services.social
    pending = PendingLink(
        social="vk",
        profile=Profile(subject="4715"),
        user_id=UUID(int=1),
        locale="ru",
        expires_at=services.clock.now() + timedelta(minutes=1),
        code_challenge="c" * 43,
    )

    token = await pending_link.put(services, pending)

    assert token not in repr(vars(services.ephemeral))
    assert await pending_link.take(services, token) == pending
