"""Whoever owns both, the account and the identity that met it, is led through the link (LK)."""

from datetime import timedelta

import pytest

from app.tests.social.accounts import history_of, identity_of, my_id, register, sign_in
from app.tests.social.colliding import collide, come, prove
from app.tests.social.linking import socials
from app.tests.social.problems import assert_refused
from app.tests.social.scene import RETURN_URL, Scene
from app.tests.support.people import signed_in
from app.tests.support.viewer import PASSWORD
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("social", PROVIDERS)
async def test_with_the_password_the_identity_joins_and_its_owner_is_signed_in(social: Provider, shared: Scene) -> None:
    async with shared.browser() as browser:
        met = await collide(shared, browser, social)
        answer = await prove(browser, met, password=PASSWORD)
        browser.keep(answer)
        me = (await browser.get("/me")).json

        assert await socials(browser) == [social]
    assert answer.status == 200
    assert answer.json["is_new_account"] is False
    assert answer.headers["cache-control"] == "no-store"
    assert me["id"] == met.owner_id
    again = await sign_in(shared, social, met.persona)
    assert (again.id, again.is_new_account) == (met.owner_id, False)


@pytest.mark.parametrize("social", PROVIDERS)
async def test_after_a_sign_in_by_another_way_the_session_is_the_proof(social: Provider, shared: Scene) -> None:
    async with shared.browser() as browser:
        met = await collide(shared, browser, social)
        await browser.login(met.email)
        answer = await prove(browser, met)

        assert await socials(browser) == [social]
    assert (answer.status, answer.text) == (204, "")
    assert (await sign_in(shared, social, met.persona)).id == met.owner_id


async def test_another_linked_network_is_a_proof_as_well(shared: Scene) -> None:
    somebody = shared.newcomer()
    email = f"{somebody}@yandex.ru"
    owner = await sign_in(shared, "yandex", somebody)
    shared.emulator.change(somebody, "vk", email=email)

    async with shared.browser() as browser:
        met = await come(shared, browser, "vk", somebody, email=email, owner_id=owner.id)
        await browser.sign_in_with("yandex")
        answer = await prove(browser, met)

        assert met.ways == [{"method": "social", "social": "yandex", "title": "Яндекс"}]
        assert answer.status == 204
        assert set(await socials(browser)) == {"yandex", "vk"}


async def test_the_ways_in_are_masked_and_told_to_nobody_but_the_program_that_began(shared: Scene) -> None:
    somebody = shared.newcomer()
    email = f"{somebody}@yandex.ru"
    await register(shared, email, confirmed=True)
    owner = await sign_in(shared, "yandex", somebody)
    shared.emulator.change(somebody, "vk", email=email)

    async with shared.browser() as browser:
        met = await come(shared, browser, "vk", somebody, email=email, owner_id=owner.id)

    assert met.ways == [
        {"method": "password", "email": "n***@y***.ru"},
        {"method": "social", "social": "yandex", "title": "Яндекс"},
    ]


async def test_nothing_but_the_code_and_one_time_code_is_in_the_address(shared: Scene) -> None:
    async with shared.browser() as browser:
        met = await collide(shared, browser)
        landed = await browser.sign_in_with("vk", return_to=RETURN_URL, code_challenge="c" * 43)

    assert set(landed.location_query) == {"error", "code"}
    assert landed.location_query["error"] == "account-exists"
    assert not any(word in landed.location for word in ("yandex", "***", met.email, met.token))


async def test_without_a_front_end_the_callback_answers_token_and_ways(shared: Scene) -> None:
    async with shared.browser() as browser:
        met = await collide(shared, browser)
        refused = await browser.sign_in_with("vk")
        linked = await browser.post("/oauth/link", {"link_token": refused.json["link_token"], "password": PASSWORD})

    assert_refused(refused, "account-exists", unseen=(met.email, met.owner_id, met.persona))
    assert refused.json["ways"] == [{"method": "password", "email": "n***@e***.example"}]
    assert linked.status == 200


@pytest.mark.parametrize("social", ["yandex", "google", "mail"])
async def test_lk_04_whoever_has_got_another_persons_address_gets_an_account_of_their_own(
    social: Provider, shared: Scene
) -> None:
    first, second = shared.newcomer(), shared.newcomer()
    owner = await sign_in(shared, social, first)
    email = owner.me["email"]
    shared.emulator.change(second, social, email=email)

    async with shared.browser() as browser:
        met = await come(shared, browser, social, second, email=email, owner_id=owner.id)
        answer = await prove(browser, met, separate=True)
        browser.keep(answer)
        me = (await browser.get("/me")).json

    assert met.ways == []  # the network itself would lead here again
    assert (answer.status, answer.json["is_new_account"]) == (200, True)
    assert me["id"] != owner.id
    assert (me["email"], me["email_confirmed"], me["has_password"]) == (None, False, False)
    again = await sign_in(shared, social, second)
    assert (again.id, again.is_new_account) == (me["id"], False)
    assert (await sign_in(shared, social, first)).id == owner.id
    assert await history_of(shared, owner.id) == [
        ("succeeded", social), ("account-exists", social), ("succeeded", social),
    ]  # fmt: skip


async def test_lk_02_a_stranger_to_the_account_gets_a_separate_one_and_nothing_else(shared: Scene) -> None:
    async with shared.browser() as browser:
        met = await collide(shared, browser)
        answer = await prove(browser, met, separate=True)
        browser.keep(answer)

        assert my_id(browser) != met.owner_id
    async with signed_in(shared.service, met.email) as owner:
        assert await socials(owner) == []


@pytest.mark.parametrize("social", ["yandex", "google", "mail"])
async def test_lk_33_another_person_of_the_same_network_replaces_the_former_only_when_the_owner_says_so(
    social: Provider, shared: Scene
) -> None:
    """A company has made its mailboxes anew: the same person comes with another subject, and a password."""
    former, later = shared.newcomer(), shared.newcomer()
    email = shared.emulator.persona(former).accounts[social].email or ""
    owner = await register(shared, email, confirmed=True)
    await sign_in(shared, social, former)
    shared.emulator.change(later, social, email=email)

    async with shared.browser() as browser:
        met = await come(shared, browser, social, later, email=email, owner_id=owner.json["user_id"])
        async with shared.nothing_written():
            refused = await prove(browser, met, password=PASSWORD)
        replaced = await prove(browser, met, password=PASSWORD, replace=True)
        browser.keep(replaced)

        assert await socials(browser) == [social]
    assert met.ways == [{"method": "password", "email": met.ways[0]["email"]}]
    assert_refused(refused, "provider-linked-already")
    assert replaced.status == 200
    assert (await sign_in(shared, social, later)).id == met.owner_id
    assert (await identity_of(shared, social, later)).user_id.hex == met.owner_id.replace("-", "")
    assert (await history_of(shared, met.owner_id))[-3:-1] == [("social-unlinked", social), ("social-linked", social)]
    subjects = [mail.subject for mail in (await shared.service.mails(email))[:2]]
    assert sorted(subjects) == ["Вход через соцсеть отвязан", "Привязан вход через соцсеть"]


async def test_lk_33_the_sessions_of_the_replaced_identity_end(shared: Scene) -> None:
    former, later = shared.newcomer(), shared.newcomer()
    email = f"{former}@gmail.com"
    owner = await register(shared, email, confirmed=True)
    shared.emulator.change(later, "google", email=email)

    async with shared.browser() as old, shared.browser() as browser:
        shared.emulator.decide("google", persona=former)
        await old.sign_in_with("google")
        met = await come(shared, browser, "google", later, email=email, owner_id=owner.json["user_id"])
        await prove(browser, met, password=PASSWORD, replace=True)

        assert (await old.get("/me")).status == 401


async def test_hi_01_lk_29_a_proven_link_is_told_to_the_owner(shared: Scene) -> None:
    async with shared.browser() as browser:
        met = await collide(shared, browser)
        await prove(browser, met, password="not this one")
        await prove(browser, met, password=PASSWORD)

    assert await history_of(shared, met.owner_id) == [
        ("succeeded", None),
        ("account-exists", "vk"),
        ("wrong-password", None),
        ("succeeded", None),
        ("social-linked", "vk"),
    ]
    assert (await shared.service.mails(met.email))[0].subject == "Привязан вход через соцсеть"


@pytest.mark.asyncio(loop_scope="function")
async def test_a_link_token_lives_for_ten_minutes(scene: Scene) -> None:
    async with scene.browser() as browser:
        late, in_time = await collide(scene, browser), await collide(scene, browser)
        scene.clock.advance(timedelta(minutes=10, seconds=-2))
        just_in_time = await prove(browser, in_time, password=PASSWORD)
        scene.clock.advance(timedelta(seconds=3))
        async with scene.nothing_written():
            too_late = await prove(browser, late, password=PASSWORD)

    assert just_in_time.status == 200
    assert_refused(too_late, "link-token-invalid")


@pytest.mark.asyncio(loop_scope="function")
async def test_an_old_session_proves_nothing_and_costs_no_try(scene: Scene) -> None:
    async with scene.browser() as browser:
        await register(scene, "old@elsewhere.example", confirmed=True)
        async with signed_in(scene.service, "old@elsewhere.example") as owner:
            scene.clock.advance(timedelta(minutes=10, seconds=1))
            owner.keep(await owner.refresh())
            me = my_id(owner)
            persona = scene.newcomer()
            scene.emulator.change(persona, "vk", email="old@elsewhere.example")
            met = await come(scene, browser, "vk", persona, email="old@elsewhere.example", owner_id=me)
            for _ in range(6):
                assert_refused(await prove(owner, met), "recent-sign-in-needed")
            await owner.login("old@elsewhere.example")

            assert (await prove(owner, met)).status == 204
