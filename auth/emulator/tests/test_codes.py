"""Codes are single-use, short-lived and bound (ALL-2)."""

import asyncio
from datetime import timedelta

import pytest

from emulator import App, Emulator, Provider, faults
from emulator.names import PROVIDERS
from emulator.pkce import s256
from emulator.tests.client import VERIFIER, Answer, Client

OTHER = "other-verifier-other-verifier-other-verifier"


def is_refused(answer: Answer) -> bool:
    return "error" in answer.json and "access_token" not in answer.json


async def form_with_fresh_code(
    emulator: Emulator, client: Client, provider: Provider, **changes: str
) -> dict[str, str]:
    emulator.decide(provider)
    callback = (await client.authorize(provider, **changes)).callback
    return client.exchange_form(provider, callback)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_of_many_redemptions_exactly_one_wins(emulator: Emulator, client: Client, provider: Provider) -> None:
    """YA-2, VK-3, ALL-2."""
    form = await form_with_fresh_code(emulator, client, provider)

    answers = await asyncio.gather(*(client.token(provider, form) for _ in range(16)))

    assert sum("access_token" in answer.json for answer in answers) == 1
    assert sum(is_refused(answer) for answer in answers) == 15


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_code_dies_after_ten_minutes(emulator: Emulator, client: Client, provider: Provider) -> None:
    """YA-2, VK-3, ALL-13."""
    form = await form_with_fresh_code(emulator, client, provider)
    emulator.shift_clock(timedelta(minutes=10))

    answer = await client.token(provider, form)

    assert is_refused(answer)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_code_lives_nearly_ten_minutes(emulator: Emulator, client: Client, provider: Provider) -> None:
    form = await form_with_fresh_code(emulator, client, provider)
    emulator.shift_clock(timedelta(minutes=9, seconds=50))

    answer = await client.token(provider, form)

    assert "access_token" in answer.json


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_code_belongs_to_its_redirect_address(emulator: Emulator, client: Client, provider: Provider) -> None:
    form = await form_with_fresh_code(emulator, client, provider)

    answer = await client.token(provider, form, redirect_uri=form["redirect_uri"] + "/")

    assert is_refused(answer)


@pytest.mark.parametrize("provider", ["vk", "google", "mail"])
async def test_the_redirect_address_must_be_repeated(emulator: Emulator, client: Client, provider: Provider) -> None:
    form = await form_with_fresh_code(emulator, client, provider)

    answer = await client.token(provider, form, "redirect_uri")

    assert is_refused(answer)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_another_client_can_neither_redeem_nor_spoil_a_code(
    emulator: Emulator, client: Client, provider: Provider
) -> None:
    form = await form_with_fresh_code(emulator, client, provider)
    emulator.add_app(App(provider=provider, client_id="77", client_secret="s", redirect_uris=(form["redirect_uri"],)))

    stolen = await client.token(provider, form, client_id="77", client_secret="s")
    honest = await client.token(provider, form)

    assert is_refused(stolen)
    assert "access_token" in honest.json


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("verifier", [OTHER, "", "short"])
async def test_a_challenge_must_be_answered(
    emulator: Emulator, client: Client, provider: Provider, verifier: str
) -> None:
    """YA-3, VK-3, GO-9, ALL-3."""
    method = "s256" if provider == "vk" else "S256"
    challenge = {"code_challenge": s256(VERIFIER), "code_challenge_method": method}
    form = await form_with_fresh_code(emulator, client, provider, **challenge)

    answer = await client.token(provider, form, code_verifier=verifier)

    assert is_refused(answer)


@pytest.mark.parametrize("provider", ["yandex", "google", "mail"])
@pytest.mark.parametrize("method", ["S256", "plain", None])
async def test_the_right_verifier_passes_by_either_method(
    emulator: Emulator, client: Client, provider: Provider, method: str | None
) -> None:
    """YA-3, GO-9; a missing method means plain."""
    emulator.decide(provider)
    challenge = s256(VERIFIER) if method == "S256" else VERIFIER
    callback = (await client.authorize(provider, code_challenge=challenge, code_challenge_method=method)).callback

    answer = await client.token(provider, client.exchange_form(provider, callback), code_verifier=VERIFIER)

    assert "access_token" in answer.json


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_repeated_parameter_is_refused(emulator: Emulator, client: Client, provider: Provider) -> None:
    form = await form_with_fresh_code(emulator, client, provider)

    answer = await client.post(client.setting(provider, "TOKEN_URL"), [*form.items(), ("code", "another")])

    assert is_refused(answer)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_json_is_no_form(emulator: Emulator, client: Client, provider: Provider) -> None:
    form = await form_with_fresh_code(emulator, client, provider)

    answer = await client.post(client.setting(provider, "TOKEN_URL"), json=form)

    assert is_refused(answer)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_token_endpoint_takes_no_get(emulator: Emulator, client: Client, provider: Provider) -> None:
    answer = await client.get(client.setting(provider, "TOKEN_URL"))

    assert answer.status == 405
    assert emulator.requests(provider, "unknown")[0].method == "GET"


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_faulty_provider_accepts_a_used_code(emulator: Emulator, client: Client, provider: Provider) -> None:
    form = await form_with_fresh_code(emulator, client, provider)
    emulator.fault(provider, "token", faults.accept_used_code())

    answers = [await client.token(provider, form) for _ in range(2)]

    assert all("access_token" in answer.json for answer in answers)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_faulty_provider_ignores_the_verifier(emulator: Emulator, client: Client, provider: Provider) -> None:
    challenge = {"code_challenge": s256(VERIFIER), "code_challenge_method": "s256" if provider == "vk" else "S256"}
    form = await form_with_fresh_code(emulator, client, provider, **challenge)
    emulator.fault(provider, "token", faults.ignore_pkce())

    answer = await client.token(provider, form, code_verifier=OTHER)

    assert "access_token" in answer.json


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_minted_code_can_be_injected(emulator: Emulator, client: Client, provider: Provider) -> None:
    code = emulator.mint_code(provider, persona="boris", challenge=s256(VERIFIER), device_id="device-1")
    form = client.exchange_form(provider, {"code": code, "device_id": "device-1"})

    answer = await client.token(provider, form, code_verifier=VERIFIER)
    profile = (await client.profile(provider, answer.json["access_token"])).json

    subject = emulator.persona("boris").accounts[provider].subject
    assert subject in str(profile)
