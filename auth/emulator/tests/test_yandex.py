"""Yandex ID (YA-1 to YA-11)."""

from base64 import b64encode
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from emulator import FOREIGN_YANDEX_APP, Emulator
from emulator.tests.client import Client


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()}


async def fresh_form(emulator: Emulator, client: Client, **changes: str) -> dict[str, str]:
    emulator.decide("yandex")
    callback = (await client.authorize("yandex", **changes)).callback
    return client.exchange_form("yandex", callback)


async def profile_of(emulator: Emulator, client: Client, persona: str, *without: str) -> Any:
    emulator.decide("yandex", persona=persona, without=without)
    token = await client.sign_in("yandex")
    return (await client.profile("yandex", token["access_token"])).json


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


@pytest.mark.parametrize("scheme", ["OAuth", "Bearer", "oauth"])
async def test_info_takes_both_schemes(emulator: Emulator, client: Client, scheme: str) -> None:
    """YA-5."""
    token = emulator.mint_token("yandex")

    answer = await client.get(client.setting("yandex", "PROFILE_URL"), {"Authorization": f"{scheme} {token}"})

    assert answer.json["login"] == "anna.emulated"


async def test_info_takes_the_token_in_the_query(emulator: Emulator, client: Client) -> None:
    """YA-5."""
    token = emulator.mint_token("yandex")

    answer = await client.get(f"{client.setting('yandex', 'PROFILE_URL')}?oauth_token={token}")

    assert answer.status == 200


@pytest.mark.parametrize("header", ["Basic {token}", "Token {token}", "{token}", "OAuth wrong", "OAuth"])
async def test_info_refuses_another_scheme_and_a_wrong_token(emulator: Emulator, client: Client, header: str) -> None:
    """YA-5."""
    value = header.format(token=emulator.mint_token("yandex"))

    answer = await client.get(client.setting("yandex", "PROFILE_URL"), {"Authorization": value})

    assert answer.status == 401


async def test_info_refuses_a_token_of_another_provider(emulator: Emulator, client: Client) -> None:
    answer = await client.profile("yandex", emulator.mint_token("google"))

    assert answer.status == 401


async def test_info_honours_a_foreign_application_and_names_it(emulator: Emulator, client: Client) -> None:
    """YA-6."""
    foreign = emulator.mint_token("yandex", client_id=FOREIGN_YANDEX_APP.client_id)
    own = emulator.mint_token("yandex")

    theirs = (await client.profile("yandex", foreign)).json
    ours = (await client.profile("yandex", own)).json

    assert theirs["client_id"] == FOREIGN_YANDEX_APP.client_id
    assert ours["client_id"] == client.setting("yandex", "CLIENT_ID")
    assert theirs["id"] == ours["id"]
    assert theirs["psuid"] != ours["psuid"]


async def test_the_people_of_the_fixtures_are_there(emulator: Emulator, client: Client) -> None:
    """YA-7, YA-8, section 13 item 8."""
    no_email = await profile_of(emulator, client, "no-email")
    foreign = await profile_of(emulator, client, "foreign-email")
    zeros = await profile_of(emulator, client, "zero-birthday")
    ageless = await profile_of(emulator, client, "no-birthday")
    faceless = await profile_of(emulator, client, "no-avatar")
    silent = await profile_of(emulator, client, "no-phone")
    huge = await profile_of(emulator, client, "huge-id")

    assert (no_email["default_email"], no_email["emails"]) == ("", [])
    assert foreign["default_email"] == "fedor@firm.example"
    assert zeros["birthday"] == "0000-12-23"
    assert ageless["birthday"] is None
    assert faceless["is_avatar_empty"] is True
    assert "default_phone" not in silent
    assert huge["id"] == "9223372036854775809"


async def test_unticked_rights_shrink_scope_and_profile(emulator: Emulator, client: Client) -> None:
    """YA-7, section 13 item 9."""
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


async def test_the_jwt_form_is_signed_by_the_client_secret(emulator: Emulator, client: Client) -> None:
    """YA-8: `uid` is a number in this form."""
    url = f"{client.setting('yandex', 'PROFILE_URL')}?format=jwt"

    answer = await client.get(url, {"Authorization": f"OAuth {emulator.mint_token('yandex')}"})
    key = OctKey.import_key(client.setting("yandex", "CLIENT_SECRET"))
    claims = jwt.decode(answer.text, key, algorithms=["HS256"]).claims

    assert claims["iss"] == "login.yandex.ru"
    assert claims["uid"] == 1130000000000001


async def test_the_xml_form_is_xml(emulator: Emulator, client: Client) -> None:
    url = f"{client.setting('yandex', 'PROFILE_URL')}?format=xml"

    answer = await client.get(url, {"Authorization": f"OAuth {emulator.mint_token('yandex', persona='emoji')}"})

    assert "<first_name>🎬 Кино</first_name>" in answer.text
