"""Mail.ru (MR-1 to MR-6)."""

from base64 import b64encode

import pytest

from emulator import Emulator, faults
from emulator.tests.client import VERIFIER, Client


async def fresh_form(emulator: Emulator, client: Client) -> dict[str, str]:
    emulator.decide("mail")
    return client.exchange_form("mail", (await client.authorize("mail")).callback)


async def test_a_token_in_the_header_is_not_seen(emulator: Emulator, client: Client) -> None:
    """MR-1, ALL-7."""
    headers = {"Authorization": f"Bearer {emulator.mint_token('mail')}"}

    answer = await client.get(client.setting("mail", "PROFILE_URL"), headers)

    assert answer.status == 200
    assert answer.json["error_code"] == 2
    assert answer.json["error_description"] == "missing request parameter: access_token"


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("change", "error", "number"),
    [
        ({"code": "wrong"}, "token not found", 6),
        ({"grant_type": "password"}, "invalid request", 2),
        ({"client_secret": "wrong"}, "invalid username or password", 3),
    ],
)
async def test_errors_have_spaces_and_a_number(
    emulator: Emulator, client: Client, status: int, change: dict[str, str], error: str, number: int
) -> None:
    """MR-2, ALL-6."""
    emulator.switch("mail", error_status=status)
    form = await fresh_form(emulator, client)

    answer = await client.token("mail", form, **change)

    assert answer.status == status
    assert (answer.json["error"], answer.json["error_code"]) == (error, number)


@pytest.mark.parametrize(("basic_only", "body_passes"), [(False, True), (True, False)])
async def test_both_ways_of_client_authentication_or_basic_alone(
    emulator: Emulator, client: Client, basic_only: bool, body_passes: bool
) -> None:
    """MR-3."""
    emulator.switch("mail", basic_only=basic_only)
    in_body = await client.token("mail", await fresh_form(emulator, client))
    form = await fresh_form(emulator, client)
    pair = f"{form.pop('client_id')}:{form.pop('client_secret')}"

    in_header = await client.post(
        client.setting("mail", "TOKEN_URL"), form, {"Authorization": "Basic " + b64encode(pair.encode()).decode()}
    )

    assert ("access_token" in in_body.json) is body_passes
    assert "access_token" in in_header.json


async def test_a_refresh_brings_no_new_refresh_token(emulator: Emulator, client: Client) -> None:
    """MR-5."""
    emulator.decide("mail")
    first = await client.sign_in("mail")
    form = {
        "grant_type": "refresh_token",
        "refresh_token": first["refresh_token"],
        "client_id": client.setting("mail", "CLIENT_ID"),
        "client_secret": client.setting("mail", "CLIENT_SECRET"),
    }

    second = (await client.token("mail", form)).json

    assert second["access_token"] != first["access_token"]
    assert "refresh_token" not in second


async def test_the_profile_has_mail_ru_shapes(emulator: Emulator, client: Client) -> None:
    """MR-6."""
    profile = (await client.profile("mail", emulator.mint_token("mail"))).json

    assert profile["birthday"] == "01.02.1990"
    assert profile["gender"] == "f"
    assert profile["id"] == "1400000001"
    assert profile["email"] == "anna.emulated@mail.ru"


@pytest.mark.parametrize(("switch", "status"), [({}, "code"), ({"pkce_required": True}, "error")])
async def test_a_challenge_may_be_required(
    emulator: Emulator, client: Client, switch: dict[str, bool], status: str
) -> None:
    emulator.decide("mail")
    emulator.switch("mail", **switch)

    assert status in (await client.authorize("mail")).callback


async def test_pkce_may_be_ignored(emulator: Emulator, client: Client) -> None:
    emulator.decide("mail")
    emulator.switch("mail", pkce_ignored=True)
    callback = (await client.authorize("mail", code_challenge=VERIFIER)).callback

    answer = await client.token("mail", client.exchange_form("mail", callback))

    assert "access_token" in answer.json


async def test_the_error_status_flips_as_a_fault(emulator: Emulator, client: Client) -> None:
    """MR-2, VK-4."""
    emulator.fault("mail", "token", faults.flip_error_status())
    form = await fresh_form(emulator, client)

    refused = await client.token("mail", form, code="wrong")
    accepted = await client.token("mail", form)

    assert refused.status == 400
    assert accepted.status == 200
