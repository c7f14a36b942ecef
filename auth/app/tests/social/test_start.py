"""Beginning a social sign-in: what leaves the house, and what the caller cannot change."""

from base64 import urlsafe_b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from app.errors import TemporarilyUnavailable
from app.social import attempt as attempts
from app.social.oauth2 import code_challenge
from app.social.start import StartOptions, start
from app.storage.memory.ephemeral import MemoryEphemeral
from app.tests.social.problems import assert_refused
from app.tests.social.scene import RETURN_URL, Scene, get_exactly, open_scene, query_of
from app.tests.support.clock import ManualClock
from emulator import DEMO_APPS
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCOPE: dict[Provider, str] = {
    "yandex": "login:info login:email login:avatar",
    "vk": "vkid.personal_info email",
    "google": "openid email profile",
    "mail": "userinfo",
}


@pytest.mark.parametrize("social", PROVIDERS)
async def test_oa_23_the_browser_is_sent_with_exactly_these_parameters(social: Provider, shared: Scene) -> None:
    async with shared.browser() as browser:
        departure = await browser.depart(social)
    sent = query_of(departure.location)

    assert departure.status == 302
    assert departure.headers["cache-control"] == "no-store"
    assert departure.location.startswith(shared.emulator.url)
    assert {name: sent.pop(name) for name in ("response_type", "client_id", "redirect_uri", "scope")} == {
        "response_type": "code",
        "client_id": DEMO_APPS[social].client_id,
        "redirect_uri": f"{shared.service.api}/oauth/authorize?social={social}",
        "scope": SCOPE[social],
    }
    assert sent.pop("code_challenge_method") == ("s256" if social == "vk" else "S256")  # D5: as VK's SDKs spell it
    assert set(sent) == {"state", "code_challenge"} | ({"nonce"} if social == "google" else set())


FOREIGN = {
    "response_type": "token",
    "scope": "admin",
    "redirect_uri": "https://evil.example",
    "prompt": "none",
    "client_id": "evil",
    "nonce": "evil",
    "state": "evil",
    "code_challenge_method": "plain",
    "access_type": "offline",
    "force_confirm": "yes",
    "provider": "ok_ru",
    "code_challenge": code_challenge("evil" * 11),
}


@pytest.mark.parametrize("social", PROVIDERS)
async def test_oa_22_the_caller_changes_nothing_of_it(social: Provider, shared: Scene) -> None:
    async with shared.browser() as browser:
        plain = query_of((await browser.depart(social)).location)
        meddled = query_of((await browser.depart(social, **FOREIGN)).location)

    fresh = ("state", "code_challenge", "nonce")
    assert {name: value for name, value in meddled.items() if name not in fresh} == {
        name: value for name, value in plain.items() if name not in fresh
    }
    assert not set(FOREIGN.values()) & {meddled.get(name) for name in fresh}


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "https", "X-Forwarded-Port": "444"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Original-URL": "https://evil.example/"},
        {"X-Forwarded-Prefix": "/evil.example"},
    ],
    ids=lambda headers: next(iter(headers)),
)
@pytest.mark.parametrize("social", PROVIDERS)
async def test_oa_31_rd_05_forged_headers_do_not_move_the_redirect_address(
    social: Provider, headers: dict[str, str], shared: Scene
) -> None:
    async with shared.browser() as browser:
        answer = await browser.get("/oauth/login", params={"social": social}, headers=headers)

    assert query_of(answer.location)["redirect_uri"] == f"{shared.service.api}/oauth/authorize?social={social}"
    assert "evil" not in answer.text + str(answer.headers)


@pytest.mark.asyncio(loop_scope="function")
async def test_oa_03_ten_thousand_attempts_share_nothing(scene: Scene) -> None:
    """Each secret is of 256 bits, every bit as often set as not, and none is computed from another."""
    seen: dict[str, list[str]] = {"state": [], "nonce": [], "code_challenge": []}
    for _ in range(10_000):
        departure = await start(scene.service.services.social, "google", StartOptions())
        sent = query_of(departure.authorize_url)
        for name, values in seen.items():
            values.append(sent[name])
        derived = {sent["state"], sha256(sent["state"].encode()).hexdigest(), code_challenge(sent["state"])}
        assert not derived & {
            sent["nonce"],
            sent["code_challenge"],
            departure.browser_key,
            code_challenge(sent["nonce"]),
        }

    for values in seen.values():
        raw = [urlsafe_b64decode(value + "=") for value in values]
        assert len(set(values)) == 10_000
        assert {len(value) for value in values} == {43}
        for bit in range(256):
            assert 4700 < sum(each[bit // 8] >> (bit % 8) & 1 for each in raw) < 5300  # six standard deviations


@pytest.mark.parametrize("social", PROVIDERS)
async def test_a_front_end_may_have_the_address_as_json(social: Provider, shared: Scene) -> None:
    shared.arrives(social)

    async with shared.browser() as browser:
        answer = await browser.get("/oauth/login", params={"social": social}, headers={"Accept": "application/json"})
        back = (await browser.get(answer.json["authorize_url"])).location
        signed_in = await browser.get(back)

    assert (answer.status, set(answer.json)) == (200, {"authorize_url"})
    assert answer.headers["cache-control"] == "no-store"
    assert signed_in.status == 200


@pytest.mark.parametrize("social", ["mail", "mailru"])
async def test_mail_ru_may_be_called_mailru(social: str, shared: Scene) -> None:
    shared.arrives("mail")

    async with shared.browser() as browser:
        departure = await browser.depart(social)
        answer = await browser.get(await browser.visit_provider(departure))
        back = await browser.visit_provider(await browser.depart(social))
        by_alias = await browser.get(back.replace("social=mail&", "social=mailru&"))

    assert query_of(departure.location)["redirect_uri"].endswith("?social=mail")
    assert (answer.status, by_alias.status) == (200, 200)


@pytest.mark.parametrize("social", ["", "Yandex", "ok", "yandex ", "vk,google", "../yandex", "x" * 16, "x" * 17, "ÿ"])
async def test_an_unknown_provider_is_refused(social: str, shared: Scene) -> None:
    async with shared.browser() as browser:
        start_refused = await browser.depart(social)
        end_refused = await browser.get("/oauth/authorize", params={"social": social, "code": "x", "state": "A" * 43})

    for answer in (start_refused, end_refused):
        assert_refused(answer, "provider-unknown", "validation-failed")


@pytest.mark.parametrize("query", ["", "?social=yandex&social=vk", "?social[]=yandex"])
async def test_a_start_without_one_provider_is_refused(query: str, shared: Scene) -> None:
    async with shared.browser() as browser:
        answer = await get_exactly(browser, f"{shared.service.api}/oauth/login{query}")

    assert_refused(answer, "malformed-request", "validation-failed")


async def test_the_providers_are_listed_in_order(tmp_path: Path) -> None:
    changes = {"AUTH_SOCIAL_ORDER": "vk,yandex,mail"}
    async with open_scene(tmp_path / "data", changes) as scene, scene.browser() as browser:
        russian = await browser.get("/oauth/providers")
        english = await browser.get("/oauth/providers?locale=en")
        left_out = await browser.depart("google")

    assert [(each["social"], each["title"]) for each in russian.json] == [
        ("vk", "VK ID"), ("yandex", "Яндекс"), ("mail", "Mail.ru"),
    ]  # fmt: skip
    assert english.json[1]["title"] == "Yandex"
    assert all(each["available"] and each["icon"].endswith(".svg") for each in russian.json)
    assert_refused(left_out, "provider-unknown")


async def test_a_locale_of_the_start_becomes_the_accounts(shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser:
        await browser.sign_in_with("yandex", locale="en")
        me = await browser.get("/me")

    assert me.json["locale"] == "en"


async def test_oa_27_redirects_there_and_back_turn_every_method_into_get(shared: Scene) -> None:
    shared.arrives("google")

    async with shared.browser() as browser:
        departure = await browser.depart("google", return_to=RETURN_URL, code_challenge=code_challenge("v" * 43))
        landed = await browser.get(await browser.visit_provider(departure))

    assert (departure.status, landed.status) == (302, 303)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD"])
@pytest.mark.parametrize("path", ["/oauth/login?social=yandex", "/oauth/authorize?social=yandex&code=x&state=x"])
async def test_a_sign_in_begins_and_ends_by_get_alone(path: str, method: str, shared: Scene) -> None:
    async with shared.browser() as browser, shared.nothing_spent():
        answer = await browser.call(method, path)

    assert answer.status == 405


async def test_oa_29_no_page_may_frame_the_way_back(shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser:
        signed_in = await browser.sign_in_with("yandex")
        refused = await browser.get("/oauth/authorize?social=yandex&code=x&state=x")

    for answer in (signed_in, refused):
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"


async def test_oa_30_starts_are_limited_per_network(tmp_path: Path) -> None:
    async with open_scene(tmp_path / "data", rate_limits=True) as scene, scene.browser() as browser:
        answers = [await browser.depart("yandex")]
        while answers[-1].status == 302 and len(answers) < 600:  # a window that turns meanwhile lets some more through
            answers.append(await browser.depart("yandex"))

    assert len(answers) > 300
    assert_refused(answers[-1], "too-many-requests")


async def test_oa_30_unfinished_attempts_are_bounded_and_forgotten() -> None:
    clock = ManualClock()
    ephemeral = MemoryEphemeral(clock, max_values=100)
    options: dict[str, Any] = {"social": "yandex", "locale": "ru", "return_to": None, "code_challenge": None}

    for _ in range(100):
        await attempts.begin(ephemeral, **options)
    with pytest.raises(TemporarilyUnavailable):
        await attempts.begin(ephemeral, **options)
    clock.advance(attempts.ATTEMPT_TTL)
    await attempts.begin(ephemeral, **options)

    assert len(ephemeral._values) == 1
