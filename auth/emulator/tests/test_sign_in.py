"""The way through, at every provider."""

import pytest

from emulator import Emulator, Provider
from emulator.names import PROVIDERS
from emulator.tests.client import STATE, Client

_SUBJECT_FIELD = {"yandex": "id", "google": "sub", "mail": "id"}


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_person_signs_in_and_the_client_reads_the_profile(
    emulator: Emulator, client: Client, provider: Provider
) -> None:
    emulator.decide(provider, persona="anna")

    callback = (await client.authorize(provider)).callback
    token = (await client.token(provider, client.exchange_form(provider, callback))).json
    profile = (await client.profile(provider, token["access_token"])).json

    account = emulator.persona("anna").accounts[provider]
    profile = profile.get("user", profile)
    assert callback["state"] == STATE
    assert profile[_SUBJECT_FIELD.get(provider, "user_id")] == account.subject


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_every_request_of_a_sign_in_is_on_record(emulator: Emulator, client: Client, provider: Provider) -> None:
    """ALL-14."""
    emulator.decide(provider)

    token = await client.sign_in(provider)
    await client.profile(provider, token["access_token"])

    assert [entry.endpoint for entry in emulator.requests(provider)] == ["authorize", "token", "profile"]
    assert emulator.requests(provider, "token")[0].form["code"]
    assert "client_secret" not in emulator.requests(provider, "authorize")[0].query
