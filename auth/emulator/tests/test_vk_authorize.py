"""VK ID: the way to the provider and back (VK-1, VK-2, VK-11 to VK-14, VK-16, VKL-1)."""

from dataclasses import replace

import pytest

from emulator import DEMO_APPS, Emulator
from emulator.tests.client import STATE, Client


@pytest.mark.parametrize("missing", ["state", "code_challenge", "code_challenge_method"])
async def test_state_challenge_and_method_are_required(emulator: Emulator, client: Client, missing: str) -> None:
    """VK-1."""
    emulator.decide("vk")

    answer = await client.authorize("vk", **{missing: None})

    assert answer.status == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize(("method", "status"), [("s256", 302), ("S256", 302), ("plain", 400)])
async def test_both_spellings_of_the_method_pass_and_plain_does_not(
    emulator: Emulator, client: Client, method: str, status: int
) -> None:
    """VK-1."""
    emulator.decide("vk")

    answer = await client.authorize("vk", code_challenge_method=method)

    assert answer.status == status


@pytest.mark.parametrize("awkward", [False, True])
async def test_the_callback_brings_a_device(emulator: Emulator, client: Client, awkward: bool) -> None:
    """VK-2."""
    emulator.decide("vk")
    emulator.switch("vk", awkward_device_id=awkward)

    callback = (await client.authorize("vk")).callback
    answer = await client.token("vk", client.exchange_form("vk", callback))

    assert callback["type"] == "code_v2"
    assert callback["expires_in"] == "600"
    assert callback["ext_id"]
    assert len(callback["device_id"]) > 64
    assert ("&" in callback["device_id"]) is awkward
    assert "access_token" in answer.json


async def test_the_people_of_the_fixtures_are_there(emulator: Emulator) -> None:
    """VK-11, ALL-8."""
    people = {person.name: person.accounts["vk"] for person in emulator.world.cast.at("vk")}

    assert people["no-email"].email is None
    assert people["cyrillic"].first_name == "Ёлка"
    assert int(people["huge-id"].subject) > 2**31


async def test_the_phone_has_no_plus_and_declined_rights_are_absent(emulator: Emulator, client: Client) -> None:
    """VK-11, ALL-9."""
    emulator.decide("vk", without=["email"])

    token = await client.sign_in("vk")
    user = (await client.profile("vk", token["access_token"])).json["user"]

    assert user["phone"] == "79000000001"
    assert "email" not in user
    assert token["scope"] == "vkid.personal_info phone"
    assert user["birthday"] == "01.02.1990"


@pytest.mark.parametrize("error", ["login_required", "interaction_required"])
async def test_a_silent_sign_in_is_refused(emulator: Emulator, client: Client, error: str) -> None:
    """VK-12."""
    emulator.decide("vk")
    emulator.switch("vk", prompt_none_error=error)

    callback = (await client.authorize("vk", prompt="none")).callback

    assert (callback["error"], callback["state"]) == (error, STATE)


async def test_a_refusal_can_have_error_and_state(emulator: Emulator, client: Client) -> None:
    """VK-13, mode a."""
    emulator.refuse("vk", mode="a")

    callback = (await client.authorize("vk")).callback

    assert callback["error"] == "access_denied"
    assert callback["state"] == STATE
    assert "device_id" not in callback


async def test_a_refusal_can_be_the_error_alone(emulator: Emulator, client: Client) -> None:
    """VK-13, mode b."""
    emulator.refuse("vk", mode="b")

    callback = (await client.authorize("vk")).callback

    assert callback == {"social": "vk", "error": "access_denied"}


async def test_a_refusal_can_bring_a_device_without_a_code(emulator: Emulator, client: Client) -> None:
    """VK-13, mode c."""
    emulator.refuse("vk", mode="c")

    callback = (await client.authorize("vk")).callback

    assert callback["device_id"]
    assert not callback.keys() & {"code", "error"}


async def test_a_refusal_can_stay_at_the_provider(emulator: Emulator, client: Client) -> None:
    """VK-13, mode d; also for the button of the page."""
    emulator.switch("vk", refusal_mode="d")

    answer = await client.post(client.authorize_url("vk"), {"decision": "deny"})

    assert answer.status == 200
    assert "Location" not in answer.headers


@pytest.mark.parametrize(("state", "status"), [("short", 400), ("x" * 40 + ".", 400), (STATE, 302)])
async def test_a_strict_state_is_demanded_when_switched_on(
    emulator: Emulator, client: Client, state: str, status: int
) -> None:
    """VK-14, ALL-4."""
    emulator.decide("vk")
    relaxed = await client.authorize("vk", state=state)
    emulator.switch("vk", strict_state=True)

    strict = await client.authorize("vk", state=state)

    assert relaxed.status == 302
    assert strict.status == status


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("http://localhost:8000/cb", 400),
        ("http://127.0.0.1:8000/cb", 400),
        ("http://localhost/cb", 302),
        ("https://localhost:443/cb", 302),
        ("https://cinema.example:8443/cb", 302),
    ],
)
async def test_localhost_needs_a_usual_port_when_switched_on(
    emulator: Emulator, client: Client, address: str, status: int
) -> None:
    """VK-16."""
    emulator.decide("vk")
    emulator.add_app(replace(DEMO_APPS["vk"], redirect_uris=(address,)))
    relaxed = await client.authorize("vk", redirect_uri=address)
    emulator.switch("vk", strict_localhost_port=True)

    strict = await client.authorize("vk", redirect_uri=address)

    assert relaxed.status == 302
    assert strict.status == status


async def test_the_retired_host_shows_a_page(emulator: Emulator, client: Client) -> None:
    """VKL-1."""
    query = f"client_id=53000001&redirect_uri={client.redirect_uri('vk')}&response_type=code&state=x"

    answer = await client.get(f"{emulator.url}/vk-legacy/authorize?{query}")

    assert answer.status == 400
    assert "Location" not in answer.headers
    assert "недоступен" in answer.text
