"""Providers that fail on order (ALL-10 to ALL-12)."""

import asyncio
import time

import aiohttp
import pytest

from emulator import Effect, Emulator, Provider, faults
from emulator.names import PROVIDERS
from emulator.tests.client import Answer, Client


async def read_profile(emulator: Emulator, client: Client, provider: Provider = "yandex") -> Answer:
    return await client.profile(provider, emulator.mint_token(provider))


async def test_a_fault_lasts_for_its_turns(emulator: Emulator, client: Client) -> None:
    emulator.fault("yandex", "profile", faults.status(503, headers={"Retry-After": "7"}), times=2)

    answers = [await read_profile(emulator, client) for _ in range(3)]

    assert [answer.status for answer in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "7"
    assert len(emulator.requests("yandex", "profile")) == 3


async def test_faults_queue_before_the_standing_one(emulator: Emulator, client: Client) -> None:
    emulator.fault("yandex", "profile", faults.status(500))
    emulator.fault("yandex", "profile", faults.status(429), times=1)
    emulator.fault("yandex", "profile", faults.html(code=502), times=1)

    broken = [(await read_profile(emulator, client)).status for _ in range(4)]
    emulator.clear_faults("yandex")
    healed = await read_profile(emulator, client)

    assert broken == [429, 502, 500, 500]
    assert healed.status == 200


async def test_a_fault_stays_at_its_endpoint(emulator: Emulator, client: Client) -> None:
    emulator.fault("yandex", "token", faults.status(500))
    emulator.fault("google", "profile", faults.status(500))

    assert (await read_profile(emulator, client)).status == 200


@pytest.mark.parametrize(
    ("fault", "body", "content_type"),
    [
        (faults.json({}), b"{}", "application/json"),
        (faults.json({"error": "x"}), b'{"error": "x"}', "application/json"),
        (faults.json([1]), b"[1]", "application/json"),
        (faults.json("text"), b'"text"', "application/json"),
        (faults.body(""), b"", "application/json"),
        (faults.body('{"id": NaN}'), b'{"id": NaN}', "application/json"),
        (faults.body("<a/>", content_type="text/xml"), b"<a/>", "text/xml"),
        (faults.body(b"\xff\xfe"), b"\xff\xfe", "application/json"),
    ],
)
async def test_any_body_can_be_answered(emulator: Emulator, fault: Effect, body: bytes, content_type: str) -> None:
    """ALL-11."""
    emulator.fault("yandex", "profile", fault)

    async with aiohttp.ClientSession() as session, session.get(f"{emulator.url}/yandex/info") as answer:
        assert await answer.read() == body
        assert answer.content_type == content_type


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_replaced_answer_leaves_the_code_unspent_unless_handled(
    emulator: Emulator, client: Client, provider: Provider
) -> None:
    emulator.decide(provider)
    form = client.exchange_form(provider, (await client.authorize(provider)).callback)
    emulator.fault(provider, "token", faults.status(500), times=1)
    emulator.fault(provider, "token", faults.status(500, handled=True), times=1)

    statuses = [(await client.token(provider, form)).status for _ in range(2)]
    third = await client.token(provider, form)

    assert statuses == [500, 500]
    assert "error" in third.json


@pytest.mark.parametrize("handled", [False, True])
async def test_a_connection_is_reset_before_or_after_the_work(
    emulator: Emulator, client: Client, handled: bool
) -> None:
    """ALL-11."""
    emulator.decide("yandex")
    form = client.exchange_form("yandex", (await client.authorize("yandex")).callback)
    emulator.fault("yandex", "token", faults.reset(handled=handled), times=1)

    with pytest.raises(aiohttp.ClientError):
        await client.token("yandex", form)
    again = await client.token("yandex", form)

    assert ("access_token" in again.json) is not handled


async def test_a_hanging_request_goes_on_when_released(emulator: Emulator, client: Client) -> None:
    """ALL-11."""
    emulator.fault("yandex", "profile", faults.hang(), times=1)

    waiting = asyncio.create_task(read_profile(emulator, client))
    await emulator.wait_for_requests("yandex", "profile")
    still_waiting = not waiting.done()
    emulator.release()
    answer = await waiting

    assert still_waiting
    assert answer.status == 200


async def test_the_emulator_stops_while_requests_hang(client: Client, emulator: Emulator) -> None:
    emulator.fault("yandex", "profile", faults.delay(3600))
    waiting = asyncio.create_task(read_profile(emulator, client))
    await emulator.wait_for_requests("yandex", "profile")

    await emulator.stop()

    with pytest.raises(aiohttp.ClientError):
        await waiting


async def test_an_answer_can_be_late(emulator: Emulator, client: Client) -> None:
    emulator.fault("yandex", "profile", faults.delay(0.05), faults.status(503), times=1)
    started = time.monotonic()

    answer = await read_profile(emulator, client)

    assert time.monotonic() - started >= 0.05
    assert answer.status == 503


async def test_a_body_can_drip(emulator: Emulator, client: Client) -> None:
    honest = await read_profile(emulator, client)
    emulator.fault("yandex", "profile", faults.slow_body(0.001, piece=50), times=1)
    started = time.monotonic()

    dripped = await read_profile(emulator, client)

    assert dripped.json == honest.json
    assert time.monotonic() - started >= 0.001 * (len(honest.body) // 50)


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_body_can_be_huge(emulator: Emulator, client: Client, chunked: bool) -> None:
    """ALL-11."""
    emulator.fault("yandex", "profile", faults.huge_body(300_000, chunked=chunked), times=1)

    answer = await read_profile(emulator, client)

    assert len(answer.body) == 300_000
    assert ("Content-Length" in answer.headers) is not chunked


async def test_json_can_be_cut_short(emulator: Emulator) -> None:
    emulator.fault("yandex", "profile", faults.truncate(10))
    headers = {"Authorization": f"OAuth {emulator.mint_token('yandex')}"}

    async with aiohttp.ClientSession() as session, session.get(f"{emulator.url}/yandex/info", headers=headers) as got:
        assert await got.read() == b'{"id": "11'


@pytest.mark.parametrize("code", [302, 307])
async def test_an_api_can_redirect(emulator: Emulator, client: Client, code: int) -> None:
    """ALL-11."""
    emulator.fault("vk", "token", faults.redirect("http://127.0.0.1:1/steal", code=code))

    answer = await client.token("vk", {"grant_type": "authorization_code"})

    assert (answer.status, answer.headers["Location"]) == (code, "http://127.0.0.1:1/steal")


async def test_vk_asks_to_slow_down(emulator: Emulator, client: Client) -> None:
    emulator.fault("vk", "token", faults.slow_down())

    answer = await client.token("vk", {"grant_type": "authorization_code"})

    assert (answer.status, answer.json["error"]) == (200, "slow_down")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_fields_of_a_success_are_changed_and_removed(
    emulator: Emulator, client: Client, provider: Provider
) -> None:
    """ALL-12."""
    emulator.decide(provider)
    change = faults.merge({"token_type": "mac", "state": "other", "extra": {"a": [1]}}, remove=["access_token"])
    emulator.fault(provider, "token", change, times=1)

    token = await client.sign_in(provider)

    assert token["token_type"] == "mac"
    assert token["extra"] == {"a": [1]}
    assert "access_token" not in token


async def test_nested_fields_are_changed_and_removed(emulator: Emulator, client: Client) -> None:
    change = faults.merge({"user": {"user_id": None}}, remove=["user.email"])
    emulator.fault("vk", "profile", change)

    user = (await read_profile(emulator, client, "vk")).json["user"]

    assert user["user_id"] is None
    assert user["first_name"] == "Anna"
    assert "email" not in user


async def test_errors_are_not_merged_into(emulator: Emulator, client: Client) -> None:
    emulator.fault("vk", "token", faults.merge({"access_token": "x"}))

    answer = await client.token("vk", {"grant_type": "authorization_code", "client_id": "53000001"})

    assert "access_token" not in answer.json


async def test_a_discovery_document_can_lie(emulator: Emulator, client: Client) -> None:
    emulator.fault("google", "discovery", faults.merge({"issuer": "https://evil.example"}))

    document = (await client.get(f"{emulator.url}/google/.well-known/openid-configuration")).json

    assert document["issuer"] == "https://evil.example"


async def test_a_callback_can_bring_code_and_error(emulator: Emulator, client: Client) -> None:
    """ALL-10."""
    emulator.decide("google")
    emulator.fault("google", "callback", faults.code_and_error(), times=1)

    callback = (await client.authorize("google")).callback

    assert callback["code"]
    assert callback["error"] == "access_denied"


async def test_callback_parameters_can_be_repeated_replaced_and_lost(emulator: Emulator, client: Client) -> None:
    """ALL-10; GO-7."""
    emulator.decide("google")
    change = faults.callback(replace={"iss": "https://evil.example"}, remove=["state"], repeat=["code"])
    emulator.fault("google", "callback", change)

    callback = (await client.authorize("google")).callback_lists

    assert len(callback["code"]) == 2
    assert callback["iss"] == ["https://evil.example"]
    assert "state" not in callback


async def test_a_callback_fault_waits_for_the_form(emulator: Emulator, client: Client) -> None:
    emulator.fault("vk", "callback", faults.callback(remove=["device_id"]), times=1)
    url = client.authorize_url("vk")

    await client.get(url)
    callback = (await client.post(url, {"persona": "anna", "decision": "allow"})).callback

    assert "device_id" not in callback


@pytest.mark.parametrize(
    ("endpoint", "fault"),
    [
        ("token", faults.code_and_error()),
        ("callback", faults.status(500)),
        ("profile", faults.wrong_nonce()),
        ("authorize", faults.ignore_pkce()),
    ],
)
def test_a_fault_in_the_wrong_place_is_refused(endpoint: str, fault: Effect) -> None:
    with pytest.raises(ValueError, match=r"belongs|apply"):
        Emulator().fault("google", endpoint, fault)  # type: ignore[arg-type]
