"""VK ID: tokens and profiles (VK-3 to VK-11, VK-15)."""

from base64 import urlsafe_b64decode
from dataclasses import replace
from typing import Any

import pytest

from emulator import DEMO_APPS, Emulator
from emulator.pkce import s256
from emulator.tests.client import VERIFIER, Answer, Client


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
    """VK-4, ALL-6."""
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


async def test_a_verifier_that_belongs_to_the_challenge_passes(emulator: Emulator, client: Client) -> None:
    form = await fresh_form(emulator, client, code_challenge_method="S256")

    answer = await client.token("vk", form, code_verifier=VERIFIER)

    assert answer.json["expires_in"] == 3600
