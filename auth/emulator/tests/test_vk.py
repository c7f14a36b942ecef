"""VK ID (VK-1 to VK-16) and the retired host (VKL-1)."""

from base64 import urlsafe_b64decode
from dataclasses import replace
from typing import Any

import pytest

from emulator import DEMO_APPS, Emulator
from emulator.pkce import s256
from emulator.tests.client import STATE, VERIFIER, Answer, Client


async def fresh_form(emulator: Emulator, client: Client, **changes: str) -> dict[str, str]:
    emulator.decide("vk")
    callback = (await client.authorize("vk", **changes)).callback
    return client.exchange_form("vk", callback)


async def refreshed(client: Client, token: Any, device_id: str | None) -> Answer:
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"], "state": "refresh-state"}
    form["client_id"] = client.setting("vk", "CLIENT_ID")
    if device_id is not None:
        form["device_id"] = device_id
    return await client.token("vk", form)


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


@pytest.mark.parametrize("device", ["wrong", ""])
async def test_a_wrong_device_is_refused(emulator: Emulator, client: Client, device: str) -> None:
    """VK-3, VK-4."""
    form = await fresh_form(emulator, client)

    answer = await client.token("vk", form, device_id=device)

    assert answer.status == 200
    assert (answer.json["error"], answer.json["error_description"]) == ("invalid_request", "device_id is invalid")


async def test_a_missing_device_is_refused(emulator: Emulator, client: Client) -> None:
    """VK-3."""
    form = await fresh_form(emulator, client)

    answer = await client.token("vk", form, "device_id")

    assert answer.json["error_description"] == "device_id is invalid"


@pytest.mark.parametrize("status", [200, 400, 401])
async def test_errors_come_with_the_switched_status(emulator: Emulator, client: Client, status: int) -> None:
    """VK-4, section 13 item 6."""
    form = await fresh_form(emulator, client)
    emulator.switch("vk", error_status=status)

    answer = await client.token("vk", form, code="wrong")

    assert answer.status == status
    assert answer.json == {
        "error": "invalid_grant",
        "error_description": "code is missing or invalid",
        "state": "token-state",
    }


async def test_token_parameters_pass_in_the_query(emulator: Emulator, client: Client) -> None:
    """VK-5: the Web SDK has all but the code there."""
    form = await fresh_form(emulator, client)
    code = form.pop("code")
    query = "&".join(f"{name}={value}" for name, value in form.items())

    answer = await client.post(f"{client.setting('vk', 'TOKEN_URL')}?{query}", {"code": code})

    assert "access_token" in answer.json


async def test_the_state_of_the_token_request_is_echoed(emulator: Emulator, client: Client) -> None:
    """VK-6."""
    with_state = await client.token("vk", await fresh_form(emulator, client), state="something-else")
    without = await client.token("vk", await fresh_form(emulator, client), "state")

    assert with_state.json["state"] == "something-else"
    assert without.json["state"] == ""


async def test_a_client_secret_is_not_looked_at(emulator: Emulator, client: Client) -> None:
    answer = await client.token("vk", await fresh_form(emulator, client), client_secret="anything")

    assert "access_token" in answer.json


async def test_a_confidential_app_needs_its_service_token(emulator: Emulator, client: Client) -> None:
    app = replace(DEMO_APPS["vk"], service_token="service", redirect_uris=(client.redirect_uri("vk"),))
    emulator.add_app(app)

    refused = await client.token("vk", await fresh_form(emulator, client))
    accepted = await client.token("vk", await fresh_form(emulator, client), service_token="service")

    assert refused.json["error"] == "invalid_client"
    assert "access_token" in accepted.json


async def test_the_user_id_is_a_number_here_and_a_string_there(emulator: Emulator, client: Client) -> None:
    """VK-7, VK-11."""
    emulator.decide("vk", persona="huge-id")

    token = await client.sign_in("vk")
    profile = (await client.profile("vk", token["access_token"])).json

    assert token["user_id"] == 8589934593
    assert profile["user"]["user_id"] == "8589934593"


async def test_user_info_takes_a_header(emulator: Emulator, client: Client) -> None:
    """VK-8."""
    headers = {"Authorization": f"Bearer {emulator.mint_token('vk')}"}
    form = {"client_id": client.setting("vk", "CLIENT_ID")}

    answer = await client.post(client.setting("vk", "PROFILE_URL"), form, headers)

    assert answer.json["user"]["email"] == "anna.emulated@viewer.example"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"access_token": "wrong", "client_id": "53000001"}, "invalid_token"),
        ({"client_id": "53000001"}, "invalid_token"),
        ({"access_token": "{token}"}, "invalid_client"),
        ({"access_token": "{token}", "client_id": "1"}, "invalid_client"),
    ],
)
async def test_user_info_refuses_with_200(emulator: Emulator, client: Client, form: dict[str, str], error: str) -> None:
    """VK-8."""
    token = emulator.mint_token("vk")
    filled = {name: value.format(token=token) for name, value in form.items()}

    answer = await client.post(client.setting("vk", "PROFILE_URL"), filled)

    assert (answer.status, answer.json["error"]) == (200, error)
    assert "user" not in answer.json


async def test_a_refresh_needs_the_device_and_rotates_both_tokens(emulator: Emulator, client: Client) -> None:
    """VK-9."""
    form = await fresh_form(emulator, client)
    first = (await client.token("vk", form)).json

    refused = await refreshed(client, first, None)
    second = (await refreshed(client, first, form["device_id"])).json
    old = (await client.profile("vk", first["access_token"])).json
    new = (await client.profile("vk", second["access_token"])).json

    assert refused.json["error_description"] == "device_id is invalid"
    assert second["refresh_token"] != first["refresh_token"]
    assert "id_token" not in second
    assert second["state"] == "refresh-state"
    assert old["error"] == "invalid_token"
    assert new["user"]["first_name"] == "Anna"


@pytest.mark.parametrize("error", ["invalid_request", "invalid_grant"])
async def test_a_replayed_refresh_token_ends_the_family(emulator: Emulator, client: Client, error: str) -> None:
    """VK-9."""
    emulator.switch("vk", refresh_error=error)
    form = await fresh_form(emulator, client)
    first = (await client.token("vk", form)).json
    second = (await refreshed(client, first, form["device_id"])).json

    replay = await refreshed(client, first, form["device_id"])
    after = (await client.profile("vk", second["access_token"])).json

    assert replay.json["error"] == error
    assert after["error"] == "invalid_token"


async def test_the_id_token_cannot_be_verified(emulator: Emulator, client: Client) -> None:
    """VK-10."""
    emulator.decide("vk")

    token = await client.sign_in("vk")
    header = urlsafe_b64decode(token["id_token"].split(".")[0] + "==")
    published = [
        await client.get(f"{emulator.url}/vk/{path}")
        for path in (".well-known/openid-configuration", ".well-known/jwks.json", "oauth2/certs")
    ]

    assert b"RS256" in header
    assert [answer.status for answer in published] == [404, 404, 404]


async def test_public_info_is_masked(emulator: Emulator, client: Client) -> None:
    """VK-10."""
    emulator.decide("vk")
    token = await client.sign_in("vk")
    url = f"{emulator.url}/vk/oauth2/public_info"
    client_id = client.setting("vk", "CLIENT_ID")

    known = await client.post(url, {"id_token": token["id_token"], "client_id": client_id})
    unknown = await client.post(url, {"id_token": "e30.e30.", "client_id": client_id})

    assert known.json["user"]["last_name"] == "P."
    assert "anna.emulated" not in known.text
    assert unknown.json["error"] == "invalid_id_token"


async def test_the_people_of_the_fixtures_are_there(emulator: Emulator) -> None:
    """VK-11, section 13 item 8."""
    people = {person.name: person.accounts["vk"] for person in emulator.world.cast.at("vk")}

    assert people["no-email"].email is None
    assert people["cyrillic"].first_name == "Ёлка"
    assert int(people["huge-id"].subject) > 2**31


async def test_the_phone_has_no_plus_and_declined_rights_are_absent(emulator: Emulator, client: Client) -> None:
    """VK-11, section 13 item 9."""
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
    """VK-14, section 13 item 4."""
    emulator.decide("vk")
    relaxed = await client.authorize("vk", state=state)
    emulator.switch("vk", strict_state=True)

    strict = await client.authorize("vk", state=state)

    assert relaxed.status == 302
    assert strict.status == status


@pytest.mark.parametrize(("strict", "passes"), [(False, True), (True, False)])
async def test_a_dotted_verifier_passes_unless_strict(
    emulator: Emulator, client: Client, strict: bool, passes: bool
) -> None:
    emulator.switch("vk", strict_verifier=strict)
    verifier = "." * 43
    form = await fresh_form(emulator, client, code_challenge=s256(verifier))

    answer = await client.token("vk", form, code_verifier=verifier)

    assert ("access_token" in answer.json) is passes


@pytest.mark.parametrize("path", ["logout", "revoke"])
async def test_after_logout_or_revocation_the_token_is_dead(emulator: Emulator, client: Client, path: str) -> None:
    """VK-15."""
    token = emulator.mint_token("vk")
    form = {"access_token": token, "client_id": client.setting("vk", "CLIENT_ID")}

    answer = await client.post(f"{emulator.url}/vk/oauth2/{path}", form)
    after = await client.profile("vk", token)

    assert answer.json == {"response": 1}
    assert after.json["error"] == "invalid_token"


async def test_a_logout_spares_other_sessions_and_a_revocation_does_not(emulator: Emulator, client: Client) -> None:
    """VK-15."""
    first, second, third = (emulator.mint_token("vk") for _ in range(3))
    client_id = client.setting("vk", "CLIENT_ID")

    await client.post(f"{emulator.url}/vk/oauth2/logout", {"access_token": first, "client_id": client_id})
    spared = await client.profile("vk", second)
    await client.post(f"{emulator.url}/vk/oauth2/revoke", {"access_token": second, "client_id": client_id})
    gone = await client.profile("vk", third)

    assert "user" in spared.json
    assert "error" in gone.json


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


async def test_a_verifier_that_belongs_to_the_challenge_passes(emulator: Emulator, client: Client) -> None:
    form = await fresh_form(emulator, client, code_challenge_method="S256")

    answer = await client.token("vk", form, code_verifier=VERIFIER)

    assert answer.json["expires_in"] == 3600
