"""People can be changed, added and made impossible."""

from dataclasses import replace

import pytest

from emulator import Emulator, Persona, PersonaUnknown, Provider
from emulator.names import PROVIDERS
from emulator.tests.client import Client


async def test_a_renamed_person_keeps_the_subject(emulator: Emulator, client: Client) -> None:
    """ALL-8."""
    token = emulator.mint_token("yandex", persona="renamed")
    before = (await client.profile("yandex", token)).json

    emulator.change("renamed", "yandex", login="new.login", email="new.address@yandex.ru")
    after = (await client.profile("yandex", token)).json

    assert after["id"] == before["id"]
    assert (after["login"], after["default_email"]) == ("new.login", "new.address@yandex.ru")


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("value", ["", "0", 0, None, False, [], " ", {"a": 1}], ids=repr)
async def test_wire_fields_take_any_value(
    emulator: Emulator, client: Client, provider: Provider, value: object
) -> None:
    subject = {"vk": "user_id", "google": "sub"}.get(provider, "id")
    emulator.override("anna", provider, {subject: value, "is_superuser": True}, remove=["email"])

    profile = (await client.profile(provider, emulator.mint_token(provider))).json
    profile = profile.get("user", profile)

    assert profile[subject] == value
    assert profile["is_superuser"] is True
    assert "email" not in profile


async def test_a_person_can_be_added(emulator: Emulator, client: Client) -> None:
    account = replace(emulator.persona("anna").accounts["mail"], subject="1")
    emulator.add_persona(Persona(name="new", title="New", accounts={"mail": account}))

    profile = (await client.profile("mail", emulator.mint_token("mail", persona="new"))).json

    assert profile["id"] == "1"
    with pytest.raises(PersonaUnknown):
        emulator.decide("vk", persona="new")


async def test_two_people_share_an_address(emulator: Emulator) -> None:
    """ALL-8."""
    one, two = (emulator.persona(name) for name in ("shared-one", "shared-two"))

    for provider in PROVIDERS:
        assert one.accounts[provider].email == two.accounts[provider].email
        assert one.accounts[provider].subject != two.accounts[provider].subject


async def test_subjects_are_unique_at_each_provider(emulator: Emulator) -> None:
    for provider in PROVIDERS:
        subjects = [person.accounts[provider].subject for person in emulator.world.cast.at(provider)]

        assert len(set(subjects)) == len(subjects)


async def test_names_of_all_scripts_arrive(emulator: Emulator, client: Client) -> None:
    """ALL-8."""
    for provider in PROVIDERS:
        profile = await client.profile(provider, emulator.mint_token(provider, persona="emoji"))
        long = await client.profile(provider, emulator.mint_token(provider, persona="long-name"))

        assert "🎬 Кино" in profile.text
        assert len(long.text) > 500


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValueError, match="no field"):
        Emulator().change("anna", "yandex", nickname="x")


async def test_a_reset_brings_the_script_back(emulator: Emulator, client: Client) -> None:
    emulator.preset("vk", strict_state=True)
    emulator.change("anna", "yandex", email="changed@yandex.ru")
    emulator.switch("vk", awkward_device_id=True)
    emulator.decide("yandex")
    await client.authorize("yandex")

    emulator.reset()

    assert emulator.persona("anna").accounts["yandex"].email == "anna.emulated@yandex.ru"
    assert emulator.world.switches.vk.strict_state
    assert not emulator.world.switches.vk.awkward_device_id
    assert emulator.requests() == []
    assert (await client.authorize("yandex")).status == 200
