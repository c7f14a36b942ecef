"""The control API does over HTTP what the Python API does in process."""

from typing import Any

import pytest

from emulator import FOREIGN_YANDEX_APP, Emulator
from emulator.commands import COMMANDS
from emulator.tests.client import Client


async def control(emulator: Emulator, client: Client, action: str, **arguments: Any) -> Any:
    answer = await client.post(f"{emulator.url}/control/{action}", json=arguments)
    assert answer.status == 200, answer.text
    return answer.json


async def view(emulator: Emulator, client: Client, name: str) -> Any:
    return (await client.get(f"{emulator.url}/control/{name}")).json


async def test_decisions_and_refusals(emulator: Emulator, client: Client) -> None:
    await control(emulator, client, "decide", provider="yandex", persona="boris", without=["login:email"])
    await control(emulator, client, "refuse", provider="yandex", mode="b", times=1)

    refused = (await client.authorize("yandex")).callback
    token = await client.sign_in("yandex")
    await control(emulator, client, "ask", provider="yandex")

    assert refused["error"] == "access_denied"
    assert "login:email" not in token["scope"]
    assert (await client.authorize("yandex")).status == 200


async def test_faults_switches_and_the_clock(emulator: Emulator, client: Client) -> None:
    token = emulator.mint_token("mail")
    fault = {"kind": "status", "code": 500}
    await control(emulator, client, "fault", provider="mail", endpoint="profile", faults=[fault], times=1)
    listed = await view(emulator, client, "faults")
    await control(emulator, client, "switch", provider="mail", error_status=418)

    broken = await client.profile("mail", token)
    whole = await client.profile("mail", token)
    await control(emulator, client, "shift_clock", seconds=3600)
    expired = await client.profile("mail", token)

    assert (listed[0]["provider"], listed[0]["endpoint"]) == ("mail", "profile")
    assert [broken.status, whole.status, expired.status] == [500, 200, 418]
    assert (await view(emulator, client, "switches"))["mail"]["error_status"] == 418


async def test_hanging_requests_are_released(emulator: Emulator, client: Client) -> None:
    await control(emulator, client, "fault", provider="mail", endpoint="token", faults=[{"kind": "hang"}])
    await control(emulator, client, "clear_faults", provider="mail", endpoint="token")
    await control(emulator, client, "release")

    assert (await client.token("mail", {})).status == 200


async def test_people_are_changed_and_added(emulator: Emulator, client: Client) -> None:
    await control(emulator, client, "change", provider="vk", persona="anna", email="new@viewer.example")
    await control(emulator, client, "override", provider="vk", persona="boris", values={"user_id": 0}, remove=["sex"])
    account = {"subject": "5", "login": "five", "first_name": "F", "last_name": "V"}
    await control(emulator, client, "add_persona", name="five", title="Five", accounts={"vk": account})

    people = {
        person["name"]: person["accounts"]["vk"]
        for person in await view(emulator, client, "personas")
        if "vk" in person["accounts"]
    }

    assert people["anna"]["email"] == "new@viewer.example"
    assert people["boris"]["overrides"] == {"user_id": 0}
    assert people["five"]["subject"] == "5"


async def test_codes_and_tokens_are_minted(emulator: Emulator, client: Client) -> None:
    """YA-6."""
    foreign = FOREIGN_YANDEX_APP.client_id
    code = (await control(emulator, client, "mint_code", provider="yandex", persona="boris"))["code"]
    token = (await control(emulator, client, "mint_token", provider="yandex", client_id=foreign))["access_token"]

    exchanged = await client.token("yandex", client.exchange_form("yandex", {"code": code}))
    profile = (await client.profile("yandex", token)).json

    assert "access_token" in exchanged.json
    assert profile["client_id"] == foreign


async def test_applications_and_redirect_addresses_are_registered(emulator: Emulator, client: Client) -> None:
    uri = "https://new.example/cb"
    app = {"provider": "google", "client_id": "new", "client_secret": "s", "redirect_uris": [uri]}
    await control(emulator, client, "add_app", **app)
    await control(emulator, client, "allow_redirects", redirect_base="http://other.test/cb")
    await control(emulator, client, "decide", provider="google")

    new = await client.authorize("google", client_id="new", redirect_uri=uri)
    other = await client.authorize("google", redirect_uri="http://other.test/cb/google")

    assert (new.status, other.status) == (302, 302)
    assert "new" in {app["client_id"] for app in await view(emulator, client, "apps")}


async def test_keys_rotate_and_one_tap_is_made(emulator: Emulator, client: Client) -> None:
    """GO-1, GO-8."""
    before = emulator.world.keyring.signing.kid
    await control(emulator, client, "rotate_keys")

    made = await control(emulator, client, "one_tap", persona="anna", csrf="missing")

    assert emulator.world.keyring.signing.kid != before
    assert made["cookies"] == {}
    assert made["form"]["credential"].count(".") == 2


async def test_requests_are_listed_filtered_and_cleared(emulator: Emulator, client: Client) -> None:
    """ALL-14."""
    await client.post(f"{emulator.url}/yandex/token?a=1&a=2", {"code": "x"}, {"X-Test": "yes"})
    await client.get(f"{emulator.url}/mail/userinfo")

    listed = await view(emulator, client, "requests?provider=yandex&endpoint=token")
    everything = await view(emulator, client, "requests")
    await control(emulator, client, "clear_requests")

    assert listed[0]["form"] == {"code": "x"}
    assert listed[0]["query"] == {"a": ["1", "2"]}
    assert listed[0]["headers"]["X-Test"] == "yes"
    assert len(everything) == 2
    assert await view(emulator, client, "requests") == []


async def test_a_reset_over_http(emulator: Emulator, client: Client) -> None:
    await control(emulator, client, "decide", provider="yandex")
    await control(emulator, client, "reset")

    assert (await client.authorize("yandex")).status == 200


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("decide", {"provider": "facebook"}),
        ("decide", {"provider": "yandex", "persona": "nobody"}),
        ("decide", {"provider": "yandex", "without": "login:email"}),
        ("decide", {"provider": "yandex", "without": ["email"]}),
        ("decide", {"provider": "google", "without": ["openid"]}),
        ("decide", {"provider": "yandex", "times": True}),
        ("decide", {"provider": "yandex", "typo": 1}),
        ("refuse", {"provider": "vk", "mode": "z"}),
        ("fault", {"provider": "vk", "endpoint": "nowhere"}),
        ("fault", {"provider": "vk", "endpoint": "token", "faults": [{"kind": "nothing"}]}),
        ("fault", {"provider": "vk", "endpoint": "token", "faults": [{"kind": "status", "size": 1}]}),
        ("switch", {"provider": "vk", "strict_state": "yes"}),
        ("switch", {"provider": "vk", "unknown": True}),
        ("change", {"provider": "vk", "persona": "anna", "nickname": "x"}),
        ("mint_code", {"provider": "vk", "client_id": "1"}),
        ("one_tap", {"csrf": "odd"}),
        ("add_app", {"provider": "vk"}),
        ("add_app", {"provider": "vk", "client_id": "1", "typo": 1}),
    ],
)
async def test_a_mistake_is_told_and_changes_nothing(
    emulator: Emulator, client: Client, action: str, arguments: dict[str, Any]
) -> None:
    answer = await client.post(f"{emulator.url}/control/{action}", json=arguments)

    assert answer.status == 400
    assert answer.json["error"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
async def test_a_foreign_page_cannot_control_the_emulator(
    emulator: Emulator, client: Client, content_type: str
) -> None:
    answer = await client.request(
        "POST", f"{emulator.url}/control/reset", data=b"{}", headers={"Content-Type": content_type}
    )

    assert answer.status == 400


async def test_every_view_is_json_and_the_front_page_shows_all(emulator: Emulator, client: Client) -> None:
    names = ("requests", "personas", "apps", "switches", "faults", "environment")

    views = [await view(emulator, client, name) for name in names]
    page = (await client.get(f"{emulator.url}/")).text

    assert all(shown is not None for shown in views)
    assert views[-1] == emulator.environment()
    assert all(f"<code>{action}</code>" in page for action in COMMANDS)
    assert (await client.get(f"{emulator.url}/control/requests?provider=x")).status == 400
