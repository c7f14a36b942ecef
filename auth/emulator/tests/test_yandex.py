"""Yandex ID: consent and tokens (YA-1 to YA-4, YA-7 to YA-11)."""

from base64 import b64encode

import pytest

from emulator import Emulator
from emulator.tests.client import Client


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()}


async def fresh_form(emulator: Emulator, client: Client, **changes: str) -> dict[str, str]:
    emulator.decide("yandex")
    callback = (await client.authorize("yandex", **changes)).callback
    return client.exchange_form("yandex", callback)


async def test_credentials_pass_in_the_header(emulator: Emulator, client: Client) -> None:
    """YA-1."""
    form = await fresh_form(emulator, client)
    credentials = basic(form.pop("client_id"), form.pop("client_secret"))

    answer = await client.post(client.setting("yandex", "TOKEN_URL"), form, credentials)

    assert answer.json["token_type"] == "bearer"
    assert answer.json["expires_in"] == 31_535_999


async def test_missing_credentials_are_refused_in_yandex_words(emulator: Emulator, client: Client) -> None:
    """YA-1."""
    form = await fresh_form(emulator, client)

    answer = await client.token("yandex", form, "client_id", "client_secret")

    assert (answer.status, answer.json["error"]) == (400, "Basic auth required")


async def test_a_malformed_header_is_refused_in_yandex_words(emulator: Emulator, client: Client) -> None:
    """YA-1."""
    form = await fresh_form(emulator, client)

    answer = await client.post(client.setting("yandex", "TOKEN_URL"), form, {"Authorization": "Basic %%%"})

    assert (answer.status, answer.json["error"]) == (400, "Malformed Authorization header")


@pytest.mark.parametrize("change", [{"client_secret": "wrong"}, {"client_id": "f" * 32}])
async def test_wrong_credentials_do_not_spend_the_code(
    emulator: Emulator, client: Client, change: dict[str, str]
) -> None:
    """YA-1."""
    form = await fresh_form(emulator, client)

    refused = await client.token("yandex", form, **change)
    accepted = await client.token("yandex", form)

    assert (refused.status, refused.json["error"]) == (400, "invalid_client")
    assert "access_token" in accepted.json


async def test_a_secret_twice_is_refused(emulator: Emulator, client: Client) -> None:
    """ALL-5."""
    form = await fresh_form(emulator, client)
    credentials = basic(form["client_id"], form["client_secret"])

    answer = await client.post(client.setting("yandex", "TOKEN_URL"), form, credentials)

    assert answer.json["error"] == "invalid_request"


async def test_the_secret_may_be_optional_with_a_verifier(emulator: Emulator, client: Client) -> None:
    form = await fresh_form(emulator, client)
    emulator.switch("yandex", secret_optional_with_pkce=True)

    answer = await client.token("yandex", form, "client_secret", code_verifier="v" * 43)

    assert "access_token" in answer.json


async def test_a_used_code_and_garbage_are_told_apart(emulator: Emulator, client: Client) -> None:
    """YA-2."""
    form = await fresh_form(emulator, client)
    await client.token("yandex", form)

    used = await client.token("yandex", form)
    garbage = await client.token("yandex", form, code="1234567")

    assert (used.status, used.json["error"]) == (400, "invalid_grant")
    assert (garbage.status, garbage.json["error"]) == (400, "bad_verification_code")


async def test_neither_challenge_nor_redirect_address_is_demanded(emulator: Emulator, client: Client) -> None:
    """YA-3."""
    emulator.decide("yandex")
    callback = (await client.authorize("yandex", redirect_uri=None)).callback

    answer = await client.token("yandex", client.exchange_form("yandex", callback), "redirect_uri")

    assert "access_token" in answer.json


@pytest.mark.parametrize(("length", "status"), [(1024, 302), (1025, 400)])
async def test_a_state_has_at_most_1024_characters(
    emulator: Emulator, client: Client, length: int, status: int
) -> None:
    """YA-4."""
    emulator.decide("yandex")

    answer = await client.authorize("yandex", state="ё" * length)

    assert answer.status == status


async def test_unticked_rights_shrink_scope_and_profile(emulator: Emulator, client: Client) -> None:
    """YA-7, ALL-9."""
    emulator.decide("yandex", without=["login:email"])

    token = await client.sign_in("yandex", scope="login:info login:email")
    profile = (await client.profile("yandex", token["access_token"])).json

    assert token["scope"] == "login:info"
    assert "default_email" not in profile


async def test_a_full_grant_has_no_scope_in_the_reply(emulator: Emulator, client: Client) -> None:
    emulator.decide("yandex")

    token = await client.sign_in("yandex", scope="login:info", optional_scope="login:email")

    assert "scope" not in token


@pytest.mark.parametrize("scope", ["", "login:everything"])
async def test_an_empty_or_unknown_scope_is_refused(emulator: Emulator, client: Client, scope: str) -> None:
    emulator.decide("yandex")

    answer = await client.authorize("yandex", scope=scope)

    assert answer.status == 400


@pytest.mark.parametrize("keeps", [True, False])
async def test_a_refresh_may_keep_the_access_token_and_omit_its_own(
    emulator: Emulator, client: Client, keeps: bool
) -> None:
    """YA-8."""
    emulator.decide("yandex")
    first = await client.sign_in("yandex")
    emulator.switch("yandex", refresh_keeps_access_token=keeps, refresh_omits_refresh_token=keeps)
    form = {
        "grant_type": "refresh_token",
        "refresh_token": first["refresh_token"],
        "client_id": client.setting("yandex", "CLIENT_ID"),
        "client_secret": client.setting("yandex", "CLIENT_SECRET"),
    }

    second = (await client.token("yandex", form)).json

    assert (second["access_token"] == first["access_token"]) is keeps
    assert ("refresh_token" not in second) is keeps


@pytest.mark.parametrize(("device", "status"), [({"device_id": "device-1"}, 200), ({}, 400)])
async def test_only_tokens_with_a_device_can_be_revoked(
    emulator: Emulator, client: Client, device: dict[str, str], status: int
) -> None:
    """YA-9."""
    form = await fresh_form(emulator, client, **device)
    token = (await client.token("yandex", form)).json["access_token"]
    revoke = {
        "access_token": token,
        "client_id": form["client_id"],
        "client_secret": form["client_secret"],
    }

    answer = await client.post(f"{emulator.url}/yandex/revoke_token", revoke)
    after = await client.profile("yandex", token)

    expected = {"status": "ok"} if status == 200 else "unsupported_token_type"
    assert answer.status == status
    assert expected in (answer.json, answer.json.get("error"))
    assert after.status == (401 if status == 200 else 200)


async def test_a_refusal_speaks_russian(emulator: Emulator, client: Client) -> None:
    """YA-10."""
    emulator.refuse("yandex")

    answer = await client.authorize("yandex")

    assert "Пользователь" in answer.callback["error_description"]
    assert answer.headers["Location"].isascii()


@pytest.mark.parametrize("switched", [True, False])
async def test_the_callback_may_have_an_extra_parameter(emulator: Emulator, client: Client, switched: bool) -> None:
    """YA-11."""
    emulator.decide("yandex")
    emulator.switch("yandex", cid=switched)

    callback = (await client.authorize("yandex")).callback

    assert ("cid" in callback) is switched
