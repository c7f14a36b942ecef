"""Which authorization server answered (RFC 9207), and what its discovery document may say."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.errors import AppError
from app.social.errors import ProviderAnswerInvalid, ProviderUnavailable
from app.social.oidc import OpenIdProvider
from app.social.provider_http import ProviderHttp
from app.tests.social.problems import assert_refused
from app.tests.social.scene import Scene, altered, open_scene, way_back
from app.tests.support.clock import ManualClock
from emulator import Emulator, faults
from emulator.names import Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

RESPELLED = {
    "slash": lambda issuer: issuer + "/",
    "case": lambda issuer: issuer.replace("google", "Google"),
    "scheme": lambda issuer: issuer.replace("http:", "https:"),
    "port": lambda issuer: issuer.replace("/google", ":80/google"),
    "escape": lambda issuer: issuer.replace("google", "%67oogle"),
    "scheme left out": lambda issuer: issuer.partition("://")[2],
    "empty": lambda _: "",
    "another": lambda _: "https://evil.example",
    "the true Google": lambda _: "https://accounts.google.com",
    "letters of another script": lambda issuer: issuer.replace("o", "о"),
}


@pytest.mark.parametrize("respell", RESPELLED.values(), ids=RESPELLED)
async def test_mx_01_mx_04_another_issuer_is_refused_before_the_code_is_spent(respell: Any, shared: Scene) -> None:
    shared.arrives("google")

    async with shared.browser() as browser, shared.nothing_spent():
        back = await way_back(browser, "google")
        answer = await browser.get(altered(back, iss=respell(f"{shared.emulator.url}/google")))

    assert_refused(answer, "issuer-mismatch")


async def test_mx_02_an_announced_issuer_must_not_be_missing(shared: Scene) -> None:
    shared.arrives("google")

    async with shared.browser() as browser, shared.nothing_spent():
        answer = await browser.get(altered(await way_back(browser, "google"), remove=["iss"]))

    assert_refused(answer, "issuer-mismatch")


async def test_mx_02_a_refusal_without_the_announced_issuer_is_refused_too(shared: Scene) -> None:
    shared.emulator.refuse("google")

    async with shared.browser() as browser, shared.nothing_spent():
        answer = await browser.get(altered(await way_back(browser, "google"), remove=["iss"]))

    assert_refused(answer, "issuer-mismatch")


@pytest.mark.parametrize("social", ["yandex", "vk", "mail"])
async def test_mx_03_a_wrong_issuer_is_refused_where_none_is_expected(social: Provider, shared: Scene) -> None:
    shared.arrives(social)

    async with shared.browser() as browser, shared.nothing_spent():
        answer = await browser.get(altered(await way_back(browser, social), iss="https://evil.example"))

    assert_refused(answer, "issuer-mismatch")


@pytest.mark.parametrize("social", ["yandex", "vk", "mail"])
async def test_mx_03_the_right_issuer_passes_where_none_is_expected(social: Provider, shared: Scene) -> None:
    shared.arrives(social)

    async with shared.browser() as browser:
        answer = await browser.get(altered(await way_back(browser, social), iss=shared.emulator.url))

    assert answer.status == 200


@pytest.mark.asyncio(loop_scope="function")
@pytest.mark.parametrize(("iss", "code"), [(None, None), ("right", None), ("https://evil.example", "issuer-mismatch")])
async def test_mx_03_go_07_without_an_announcement_the_issuer_is_optional(
    iss: str | None, code: str | None, scene: Scene
) -> None:
    scene.emulator.switch("google", advertise_iss=False, callback_iss=False)
    scene.arrives("google")
    sent = [] if iss is None else [("iss", f"{scene.emulator.url}/google" if iss == "right" else iss)]

    async with scene.browser() as browser:
        answer = await browser.get(altered(await way_back(browser, "google"), append=sent))

    assert answer.code == code
    assert (answer.status == 200) == (code is None)


@pytest.mark.asyncio(loop_scope="function")
async def test_mx_06_a_foreign_discovery_document_starts_no_sign_in(scene: Scene) -> None:
    scene.emulator.fault("google", "discovery", faults.merge({"issuer": "https://evil.example"}))

    async with scene.browser() as browser, scene.nothing_spent():
        refused = await browser.depart("google")
        other = await browser.depart("yandex")
        scene.emulator.clear_faults()
        scene.clock.advance(timedelta(seconds=5))
        healed = await browser.depart("google")

    assert_refused(refused, "provider-unavailable", unseen=("evil.example",))
    assert (other.status, healed.status) == (302, 302)


UNUSABLE: dict[str, Any] = {
    "slash behind the issuer": faults.merge({"issuer": "http://127.0.0.1/google/"}),
    "no issuer": faults.merge(remove=["issuer"]),
    "issuer in a list": faults.merge({"issuer": ["x"]}),
    "no token endpoint": faults.merge(remove=["token_endpoint"]),
    "token endpoint by ftp": faults.merge({"token_endpoint": "ftp://evil.example/"}),
    "authorize endpoint as script": faults.merge({"authorization_endpoint": "javascript:alert(1)"}),
    "authorize endpoint in a list": faults.merge({"authorization_endpoint": ["https://a.example"]}),
    "keys in a file": faults.merge({"jwks_uri": "file:///etc/passwd"}),
    "keys null": faults.merge({"jwks_uri": None}),
    "page": faults.html(),
    "error object": faults.json({"error": "x"}),
    "empty": faults.body(""),
    "array": faults.json([]),
    "down": faults.status(503),
    "moved": faults.redirect("https://evil.example/"),
    "cut": faults.reset(),
    "huge": faults.huge_body(1024 * 1024),
}


@pytest.mark.asyncio(loop_scope="function")
@pytest.mark.parametrize("fault", UNUSABLE.values(), ids=UNUSABLE)
async def test_id_35_a_broken_discovery_document_gives_no_metadata(fault: Any) -> None:
    http = ProviderHttp.open(public_only=False, ca_file=None)
    try:
        async with Emulator() as emulator:
            issuer = OpenIdProvider(f"{emulator.url}/google", http, ManualClock(), secure_only=False)
            emulator.fault("google", "discovery", fault)

            with pytest.raises(AppError) as caught:
                await issuer.metadata()
    finally:
        await http.close()

    assert caught.type in {ProviderUnavailable, ProviderAnswerInvalid}


@pytest.mark.asyncio(loop_scope="function")
async def test_mx_06_production_takes_no_plain_addresses_from_discovery() -> None:
    http = ProviderHttp.open(public_only=False, ca_file=None)
    try:
        async with Emulator() as emulator:
            issuer = OpenIdProvider(f"{emulator.url}/google", http, ManualClock(), secure_only=True)

            with pytest.raises(ProviderUnavailable):
                await issuer.metadata()
    finally:
        await http.close()


@pytest.mark.asyncio(loop_scope="function")
async def test_a_provider_without_discovery_needs_no_network_to_start(tmp_path: Path) -> None:
    async with open_scene(tmp_path / "data") as scene:
        await scene.emulator.stop()
        async with scene.browser() as browser:
            answers = [await browser.depart(social) for social in ("yandex", "vk", "mail")]

    assert [answer.status for answer in answers] == [302, 302, 302]
