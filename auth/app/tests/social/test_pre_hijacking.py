"""Somebody registers a stranger's address first and waits: when the owner comes, what was prepared is dead."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from app.tests.social.accounts import register, sign_in, signed_in_with
from app.tests.social.linking import link, socials
from app.tests.social.scene import Scene, open_scene
from app.tests.support.viewer import PASSWORD, Viewer
from emulator.names import Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

ATTACKERS_PASSWORD = "seven loud blue trams"
AUTHORITATIVE: list[Provider] = ["yandex", "google", "mail"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """Unconfirmed accounts may sign in here: the attacker has every advantage."""
    data: Path = tmp_path_factory.mktemp("data")
    async with open_scene(data, require_confirmed_email=False) as opened:
        yield opened


async def _hijack(scene: Scene, address: str, attacker: Viewer) -> str:
    """Register the victim's address, sign in with the password; give the mailed token that the victim has not used."""
    await register(scene, address, confirmed=False, password=ATTACKERS_PASSWORD)
    assert (await attacker.login(address, ATTACKERS_PASSWORD)).status == 200
    return await scene.service.confirmation_token(address)


def _address(scene: Scene, social: Provider, persona: str) -> str:
    return scene.emulator.persona(persona).accounts[social].email or ""


@pytest.mark.parametrize("social", AUTHORITATIVE)
async def test_lk_07_lk_12_the_owner_gets_an_account_of_their_own(social: Provider, shared: Scene) -> None:
    victim = shared.newcomer()
    address = _address(shared, social, victim)

    async with shared.browser() as attacker:
        await _hijack(shared, address, attacker)
        hijacked = (await attacker.call("PATCH", "/me", json={"name": "Attacker", "locale": "en"})).json["id"]
        owner = await sign_in(shared, social, victim)

    assert owner.is_new_account is True
    assert owner.id != hijacked
    assert (owner.me["email"], owner.me["email_confirmed"]) == (address, True)
    assert (owner.me["has_password"], owner.me["name"]) == (False, "Anna Petrova")
    assert (owner.me["locale"], owner.me["roles"]) == ("ru", [])


@pytest.mark.parametrize("social", AUTHORITATIVE)
async def test_lk_07_whatever_the_attacker_held_is_dead(social: Provider, shared: Scene) -> None:
    victim = shared.newcomer()
    address = _address(shared, social, victim)

    async with shared.browser() as attacker:
        mailed = await _hijack(shared, address, attacker)
        await sign_in(shared, social, victim)
        access, refresh = await attacker.get("/me"), await attacker.refresh()
        attacker.access_token = ""
        password = await attacker.login(address, ATTACKERS_PASSWORD)
        confirmation = await attacker.post("/email/confirm", {"token": mailed})

    assert access.code == "authentication-required"
    assert refresh.code == "refresh-token-invalid"
    assert password.code == "invalid-credentials"
    assert confirmation.code == "mail-token-invalid"


async def test_lk_12_nothing_that_the_attacker_added_is_in_the_owners_account(shared: Scene) -> None:
    """Another name and language, a linked network, an address that waits to be confirmed, a history."""
    victim, helper = shared.newcomer(), shared.newcomer()
    address = _address(shared, "google", victim)

    async with shared.browser() as attacker:
        await _hijack(shared, address, attacker)
        await attacker.call("PATCH", "/me", json={"name": "Attacker", "locale": "en"})
        await attacker.post("/me/email", {"email": "attacker@evil.example", "current_password": ATTACKERS_PASSWORD})
        change = await shared.service.confirmation_token("attacker@evil.example")
        shared.emulator.decide("vk", persona=helper)
        assert (await link(attacker, "vk")).status == 200
        async with signed_in_with(shared, "google", victim) as owner:
            confirmed = await attacker.post("/email/confirm", {"token": change})
            document = (await owner.get("/me/export")).json
            networks, logins = await socials(owner), (await owner.get("/me/logins")).json["items"]
            me = (await owner.get("/me")).json
    helped = await sign_in(shared, "vk", helper)

    assert confirmed.code == "mail-token-invalid"
    assert (me["name"], me["locale"], me["email"], me["roles"]) == ("Anna Petrova", "ru", address, [])
    assert networks == ["google"]
    assert [(each["method"], each["social"]) for each in logins] == [("social", "google")]
    assert not any(word in str(document) for word in ("Attacker", "evil.example", "'vk'"))
    assert helped.is_new_account is True
    assert helped.id != me["id"]


async def test_lk_08_an_identity_that_the_attacker_prepared_does_not_open_the_owners_account(shared: Scene) -> None:
    """The attacker has a VK account that shows the victim's address, which VK does not prove."""
    victim = shared.newcomer()
    attacker = shared.newcomer(email=_address(shared, "google", victim))

    prepared = await sign_in(shared, "vk", attacker)
    owner = await sign_in(shared, "google", victim)
    again = await sign_in(shared, "vk", attacker)

    assert prepared.id == again.id != owner.id
    assert owner.me["email"] == _address(shared, "google", victim)
    assert again.me["email"] is None


@pytest.mark.parametrize("social", ["vk", "google"])
async def test_lk_07_an_unproven_address_of_a_provider_does_not_touch_the_unconfirmed_account(
    social: Provider, shared: Scene
) -> None:
    address = f"unconfirmed-{social}@elsewhere.example"

    async with shared.browser() as holder:
        await _hijack(shared, address, holder)
        newcomer = await sign_in(shared, social, shared.newcomer(email=address))
        me = await holder.get("/me")

    assert me.status == 200
    assert newcomer.id != me.json["id"]
    assert newcomer.me["email"] is None


async def test_lk_09_a_confirmation_after_the_owner_came_changes_nothing(shared: Scene) -> None:
    victim = shared.newcomer()
    address = _address(shared, "google", victim)

    async with shared.browser() as attacker:
        mailed = await _hijack(shared, address, attacker)
    await sign_in(shared, "google", victim)
    before = await shared.footprint()
    async with shared.browser() as attacker:
        answer = await attacker.post("/email/confirm", {"token": mailed})
        login = await attacker.login(address, PASSWORD)

    assert (answer.code, login.code) == ("mail-token-invalid", "invalid-credentials")
    assert await shared.footprint() == before


async def test_lk_11_the_owner_who_registered_and_confirmed_keeps_password_and_account(shared: Scene) -> None:
    """Trojan identity the other way: a confirmed account is joined, never taken over."""
    somebody = shared.newcomer()
    address = _address(shared, "yandex", somebody)
    registered = await register(shared, address, confirmed=True)

    signed_in = await sign_in(shared, "yandex", somebody)
    async with shared.browser() as browser:
        by_password = await browser.login(address)

    assert signed_in.id == registered.json["user_id"]
    assert by_password.status == 200


async def test_a_reclaimed_address_belongs_to_one_account(shared: Scene) -> None:
    victim = shared.newcomer()
    address = _address(shared, "google", victim)

    async with shared.browser() as attacker:
        await _hijack(shared, address, attacker)
        before = await shared.footprint()
        await sign_in(shared, "google", victim)
        after = await shared.footprint()

    assert (after[0] - before[0], after[1] - before[1]) == (0, 1)
