"""What was really sent to the providers: secrets where they belong and nowhere else (section 13, item 14)."""

from base64 import b64decode
from pathlib import Path

import pytest

from app.social.oauth2 import code_challenge
from app.tests.social.accounts import sign_in
from app.tests.social.scene import Scene, open_scene, query_of, way_back
from emulator import DEMO_APPS, App, Received
from emulator.names import PROVIDERS, Endpoint, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _only(scene: Scene, social: Provider, endpoint: Endpoint) -> Received:
    (received,) = scene.emulator.requests(social, endpoint)
    return received


@pytest.mark.parametrize("social", PROVIDERS)
async def test_one_sign_in_is_one_request_to_each_endpoint(social: Provider, shared: Scene) -> None:
    await sign_in(shared, social, shared.newcomer())

    asked = [each.endpoint for each in shared.emulator.requests(social) if each.endpoint not in {"discovery", "jwks"}]

    assert asked == ["authorize", "token"] + ([] if social == "google" else ["profile"])


FORM: dict[Provider, set[str]] = {
    "yandex": set(),
    "vk": {"client_id", "device_id", "state"},
    "google": {"client_id", "client_secret"},
    "mail": set(),
}


@pytest.mark.parametrize("social", PROVIDERS)
async def test_the_token_request_has_exactly_these_parts(social: Provider, shared: Scene) -> None:
    shared.arrives(social)

    async with shared.browser() as browser:
        back = await way_back(browser, social)
        await browser.get(back)
    sent = _only(shared, social, "token")

    assert (sent.method, sent.query_string) == ("POST", "")
    assert sent.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    assert sent.headers["Accept"] == "application/json"
    common = {"grant_type", "code", "code_verifier", "redirect_uri"}
    assert set(sent.form) == common | FORM[social]
    assert len(sent.form) == len(set(sent.form))
    assert sent.form["code"] == query_of(back)["code"]
    assert sent.form["redirect_uri"] == f"{shared.service.api}/oauth/authorize?social={social}"


@pytest.mark.parametrize("social", PROVIDERS)
async def test_no_secret_is_in_an_address_but_mail_rus_token(social: Provider, shared: Scene) -> None:
    """PR-20; the verifier never stands beside its challenge."""
    await sign_in(shared, social, shared.newcomer())

    for received in shared.emulator.requests(social):
        names = set(received.query)
        assert not names & {"code", "code_verifier", "client_secret", "refresh_token", "oauth_token", "id_token"}
        assert ("access_token" in names) == ((social, received.endpoint) == ("mail", "profile"))
        if "code_challenge" in names:
            assert not {"code_verifier", "client_secret"} & (names | set(received.form))
        if received.endpoint != "authorize":  # that one comes from the browser
            assert not {"Cookie", "Referer"} & set(received.headers)


@pytest.mark.parametrize("social", PROVIDERS)
async def test_the_verifier_fits_the_challenge_and_every_reading_of_the_rules(social: Provider, shared: Scene) -> None:
    await sign_in(shared, social, shared.newcomer())

    challenge = _only(shared, social, "authorize").query["code_challenge"]
    verifier = _only(shared, social, "token").form["code_verifier"]

    assert code_challenge(verifier) == challenge
    assert len(verifier) == 43
    assert verifier.replace("-", "").replace("_", "").isalnum()  # VK's alphabet lacks RFC 7636's `.` and `~`


@pytest.mark.parametrize("social", PROVIDERS)
async def test_each_attempt_has_a_verifier_of_its_own(social: Provider, shared: Scene) -> None:
    for _ in range(2):
        await sign_in(shared, social, shared.newcomer())

    one, other = (each.form["code_verifier"] for each in shared.emulator.requests(social, "token"))

    assert one != other


@pytest.mark.parametrize("social", ["yandex", "mail"])
async def test_ya_1_mr_3_credentials_go_by_basic(social: Provider, shared: Scene) -> None:
    await sign_in(shared, social, shared.newcomer())

    scheme, _, encoded = _only(shared, social, "token").headers["Authorization"].partition(" ")
    app = DEMO_APPS[social]

    assert (scheme, b64decode(encoded).decode()) == ("Basic", f"{app.client_id}:{app.client_secret}")


async def test_go_9_google_gets_its_credentials_in_the_body(shared: Scene) -> None:
    await sign_in(shared, "google", shared.newcomer())

    sent = _only(shared, "google", "token")

    assert "Authorization" not in sent.headers
    assert sent.form["client_secret"] == DEMO_APPS["google"].client_secret


@pytest.mark.parametrize(("social", "style"), [("yandex", "body"), ("google", "basic"), ("mail", "body")])
async def test_the_place_of_the_credentials_is_a_setting(social: Provider, style: str, tmp_path: Path) -> None:
    async with open_scene(tmp_path / "data", {f"AUTH_{social.upper()}_CLIENT_AUTH": style}) as scene:
        await sign_in(scene, social, scene.newcomer())
        sent = _only(scene, social, "token")

    assert ("Authorization" in sent.headers) == (style == "basic")
    assert ("client_secret" in sent.form) == (style == "body")


async def test_pv_07_ya_5_yandex_gets_the_token_in_the_header_alone(shared: Scene) -> None:
    await sign_in(shared, "yandex", shared.newcomer())

    sent = _only(shared, "yandex", "profile")

    assert sent.headers["Authorization"].startswith("OAuth y0_")
    assert (sent.method, sent.query_string) == ("GET", "format=json")


async def test_vk_8_user_info_gets_token_and_client_id_in_the_body(shared: Scene) -> None:
    await sign_in(shared, "vk", shared.newcomer())

    sent = _only(shared, "vk", "profile")

    assert (sent.method, sent.query_string) == ("POST", "")
    assert set(sent.form) == {"access_token", "client_id"}
    assert sent.form["client_id"] == DEMO_APPS["vk"].client_id
    assert "Authorization" not in sent.headers


async def test_mr_1_mail_ru_gets_the_token_in_the_query_alone(shared: Scene) -> None:
    await sign_in(shared, "mail", shared.newcomer())

    sent = _only(shared, "mail", "profile")

    assert set(sent.query) == {"access_token"}
    assert "Authorization" not in sent.headers
    assert sent.body == b""


async def test_vk_5_the_state_of_the_token_request_is_another_one(shared: Scene) -> None:
    """It is only echoed there; the attempt's own has no business at the token endpoint."""
    await sign_in(shared, "vk", shared.newcomer())

    begun = _only(shared, "vk", "authorize").query["state"]
    exchanged = _only(shared, "vk", "token").form["state"]

    assert len(begun) == len(exchanged) == 43
    assert begun != exchanged


@pytest.mark.parametrize("awkward", [False, True])
async def test_vk_2_vk_3_the_device_is_handed_back_byte_for_byte(awkward: bool, shared: Scene) -> None:
    shared.emulator.switch("vk", awkward_device_id=awkward)
    shared.arrives("vk")

    async with shared.browser() as browser:
        back = await way_back(browser, "vk")
        answer = await browser.get(back)

    assert answer.status == 200
    assert _only(shared, "vk", "token").form["device_id"] == query_of(back)["device_id"]
    assert ("+/=&%20 ё" in query_of(back)["device_id"]) == awkward


async def test_vk_confidential_applications_prove_themselves_by_the_service_token(tmp_path: Path) -> None:
    async with open_scene(tmp_path / "data", {"AUTH_VK_SERVICE_TOKEN": "service-token-of-the-cinema"}) as scene:
        app = scene.emulator.world.apps.demo("vk")
        scene.emulator.add_app(
            App(
                provider="vk",
                client_id=app.client_id,
                redirect_uris=app.redirect_uris,
                service_token="service-token-of-the-cinema",
            )
        )
        await sign_in(scene, "vk", scene.newcomer())
        sent = _only(scene, "vk", "token")

    assert sent.form["service_token"] == "service-token-of-the-cinema"


@pytest.mark.parametrize("social", PROVIDERS)
async def test_consoles_that_refuse_a_query_get_the_provider_in_the_path(social: Provider, tmp_path: Path) -> None:
    async with open_scene(tmp_path / "data", {f"AUTH_{social.upper()}_REDIRECT_STYLE": "path"}) as scene:
        await sign_in(scene, social, scene.newcomer())
        begun, exchanged = _only(scene, social, "authorize"), _only(scene, social, "token")

    expected = f"{scene.service.api}/oauth/authorize/{social}"
    assert begun.query["redirect_uri"] == exchanged.form["redirect_uri"] == expected


async def test_a_scope_of_the_settings_is_asked_for(tmp_path: Path) -> None:
    async with open_scene(tmp_path / "data", {"AUTH_MAIL_SCOPE": "openid profile"}) as scene:
        await sign_in(scene, "mail", scene.newcomer())

    assert _only(scene, "mail", "authorize").query["scope"] == "openid profile"
