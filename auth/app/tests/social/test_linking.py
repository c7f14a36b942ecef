"""Whose account a social sign-in opens (LK), seen through the API."""

from collections.abc import Callable

import pytest

from app.tests.social.accounts import identity_of, my_id, register, sign_in
from app.tests.social.problems import assert_refused
from app.tests.social.scene import Scene
from app.tests.support.viewer import PASSWORD
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

AUTHORITATIVE: list[Provider] = ["yandex", "google", "mail"]


@pytest.mark.parametrize("social", PROVIDERS)
async def test_lk_01_pv_06_a_changed_login_and_address_is_the_same_account(social: Provider, shared: Scene) -> None:
    somebody = shared.newcomer()

    first = await sign_in(shared, social, somebody)
    shared.emulator.change(somebody, social, login="renamed", email=f"new-{somebody}@elsewhere.example")
    second = await sign_in(shared, social, somebody)

    assert second.id == first.id
    assert second.is_new_account is False
    assert (await identity_of(shared, social, somebody)).email == f"new-{somebody}@elsewhere.example"


@pytest.mark.parametrize("social", PROVIDERS)
async def test_lk_02_pv_04_an_unproven_address_opens_nobodys_account(social: Provider, shared: Scene) -> None:
    """The victim's address is on a domain for which no provider is the authority."""
    victim_address = f"victim-{social}@elsewhere.example"
    await register(shared, victim_address, confirmed=True)
    attacker = shared.arrives(social, email=victim_address)

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with(social)

    assert_refused(answer, "account-exists", unseen=(victim_address, attacker))


@pytest.mark.parametrize("social", PROVIDERS)
async def test_lk_02_before_the_victim_comes_an_unproven_address_is_not_taken(social: Provider, shared: Scene) -> None:
    address = f"later-{social}@elsewhere.example"
    attacker = shared.newcomer(email=address)

    early = await sign_in(shared, social, attacker)
    victim = await register(shared, address, confirmed=True)

    assert (early.me["email"], early.me["email_confirmed"]) == (None, False)
    assert victim.status == 200
    assert victim.json["user_id"] != early.id


@pytest.mark.parametrize("social", AUTHORITATIVE)
async def test_lk_03_two_proofs_of_one_address_are_one_account(social: Provider, shared: Scene) -> None:
    somebody = shared.newcomer()
    address = shared.emulator.persona(somebody).accounts[social].email or ""
    registered = await register(shared, address, confirmed=True)

    signed_in = await sign_in(shared, social, somebody)

    assert signed_in.id == registered.json["user_id"]
    assert signed_in.is_new_account is False
    assert signed_in.me["has_password"] is True


@pytest.mark.parametrize("social", AUTHORITATIVE)
async def test_lk_04_lk_33_an_address_that_changed_hands_does_not_bring_the_account_along(
    social: Provider, shared: Scene
) -> None:
    """Another person of the same provider has the address now: a mailbox or a domain was registered anew."""
    first, second = shared.newcomer(), shared.newcomer()
    address = shared.emulator.persona(first).accounts[social].email
    owner = await sign_in(shared, social, first)
    shared.emulator.change(second, social, email=address)
    shared.emulator.decide(social, persona=second)

    async with shared.browser() as browser, shared.nothing_written():
        refused = await browser.sign_in_with(social)
    again = await sign_in(shared, social, first)

    assert_refused(refused, "account-exists")
    assert again.id == owner.id


async def test_lk_33_a_workspace_domain_that_changed_hands_opens_nothing(shared: Scene) -> None:
    first, second = (shared.newcomer(email="v@company.example", hd="company.example") for _ in range(2))
    owner = await sign_in(shared, "google", first)
    shared.emulator.decide("google", persona=second)

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with("google")

    assert owner.me["email"] == "v@company.example"
    assert_refused(answer, "account-exists")


async def test_lk_04_pv_09_without_a_proven_address_two_people_of_mail_ru_are_two_accounts(shared: Scene) -> None:
    people = [shared.newcomer(email="shared@elsewhere.example") for _ in range(2)]

    accounts = [await sign_in(shared, "mail", somebody) for somebody in people]

    assert accounts[0].id != accounts[1].id


async def test_lk_05_one_number_at_four_providers_is_four_people(shared: Scene) -> None:
    accounts = {social: await sign_in(shared, social, "same-id") for social in PROVIDERS}

    assert len({account.id for account in accounts.values()}) == 4


@pytest.mark.parametrize("social", PROVIDERS)
async def test_two_people_of_one_provider_with_one_unproven_address_are_two_accounts(
    social: Provider, shared: Scene
) -> None:
    address = f"both-{social}@elsewhere.example"
    people = [shared.newcomer(email=address) for _ in range(2)]

    accounts = [await sign_in(shared, social, somebody) for somebody in people]

    assert accounts[0].id != accounts[1].id
    assert [account.me["email"] for account in accounts] == [None, None]


async def test_one_person_with_proven_addresses_at_two_providers_is_one_account(shared: Scene) -> None:
    somebody = shared.newcomer(email="anna.proven@gmail.com")
    shared.emulator.change(somebody, "yandex", email="somebody.else@yandex.ru")

    google = await sign_in(shared, "google", somebody)
    yandex = await sign_in(shared, "yandex", somebody)
    shared.emulator.decide("mail", persona=somebody)
    async with shared.browser() as browser:
        at_mail = await browser.sign_in_with("mail")

    assert google.id != yandex.id
    assert_refused(at_mail, "account-exists")  # gmail.com is not Mail.ru's to prove


@pytest.mark.parametrize("respell", [str.upper, str.title, str.swapcase])
async def test_em_12_the_spelling_of_an_address_makes_no_second_account(
    respell: Callable[[str], str], shared: Scene
) -> None:
    somebody = shared.newcomer()
    registered = await register(shared, f"{somebody}@gmail.com", confirmed=True)
    shared.emulator.change(somebody, "google", email=respell(f"{somebody}@gmail.com"))

    signed_in = await sign_in(shared, "google", somebody)

    assert signed_in.id == registered.json["user_id"]


async def test_lk_30_a_network_that_owns_no_mailboxes_proves_no_address(shared: Scene) -> None:
    somebody = shared.arrives("vk")
    shared.emulator.override(somebody, "vk", {"verified": True, "email_verified": True, "is_verified": True})

    async with shared.browser() as browser:
        await browser.sign_in_with("vk")
        me = (await browser.get("/me")).json

    assert (me["email"], me["email_confirmed"]) == (None, False)


async def test_lk_32_entries_of_yandexs_list_of_addresses_match_nobody(shared: Scene) -> None:
    registered = await register(shared, "listed@yandex.ru", confirmed=True)
    somebody = shared.newcomer()
    shared.emulator.override(somebody, "yandex", {"emails": ["listed@yandex.ru", f"{somebody}@yandex.ru"]})

    signed_in = await sign_in(shared, "yandex", somebody)

    assert signed_in.id != registered.json["user_id"]
    assert signed_in.me["email"] == f"{somebody}@yandex.ru"


async def test_lk_32_a_changed_default_address_neither_moves_nor_joins_accounts(shared: Scene) -> None:
    registered = await register(shared, "taken@yandex.ru", confirmed=True)
    somebody = shared.newcomer()

    first = await sign_in(shared, "yandex", somebody)
    shared.emulator.change(somebody, "yandex", email="taken@yandex.ru")
    second = await sign_in(shared, "yandex", somebody)

    assert second.id == first.id != registered.json["user_id"]
    assert second.me["email"] == f"{somebody}@yandex.ru"


async def test_lk_31_a_body_beside_the_code_is_ignored(shared: Scene) -> None:
    victim = await register(shared, "body@gmail.com", confirmed=True)
    shared.arrives("yandex")

    async with shared.browser() as browser:
        back = await browser.visit_provider(await browser.depart("yandex"))
        extra = {"user": victim.json["user_id"], "email": "body@gmail.com", "sub": "1", "email_verified": True}
        answer = await browser.get(back, json=extra, params={"user": victim.json["user_id"], "email": "body@gmail.com"})
        browser.keep(answer)
        me = (await browser.get("/me")).json

    assert me["id"] != victim.json["user_id"]
    assert me["email"] != "body@gmail.com"
    assert me["has_password"] is False
    assert PASSWORD not in answer.text
    assert my_id(browser) == me["id"]
