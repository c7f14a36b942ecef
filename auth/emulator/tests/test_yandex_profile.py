"""Yandex ID: what `/info` tells, and to whom (YA-5 to YA-8)."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from emulator import FOREIGN_YANDEX_APP, Emulator
from emulator.tests.client import Client


async def profile_of(emulator: Emulator, client: Client, persona: str, *without: str) -> Any:
    emulator.decide("yandex", persona=persona, without=without)
    token = await client.sign_in("yandex")
    return (await client.profile("yandex", token["access_token"])).json


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
    """YA-7, YA-8, ALL-8."""
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
