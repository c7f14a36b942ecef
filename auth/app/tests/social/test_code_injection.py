"""Codes and tokens that were made for somebody else, and one-time values fed to the wrong route."""

import pytest

from app.social.oauth2 import code_challenge
from app.tests.social.accounts import register, sign_in
from app.tests.social.problems import assert_refused
from app.tests.social.scene import RETURN_URL, Scene, altered, query_of, way_back
from app.tests.support.viewer import PASSWORD
from emulator import FOREIGN_YANDEX_APP, faults
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

VERIFIER = "v" * 43


@pytest.mark.parametrize("social", PROVIDERS)
async def test_oa_20_the_code_of_another_attempt_is_refused_by_the_verifier(social: Provider, shared: Scene) -> None:
    shared.arrives(social)

    async with shared.browser() as victims, shared.browser() as attackers, shared.nothing_written():
        stolen = query_of(await way_back(victims, social))
        shared.arrives(social)
        own = await way_back(attackers, social)
        device = [("device_id", stolen["device_id"])] if social == "vk" else []
        answer = await attackers.get(altered(own, remove=["device_id"], append=device, code=stolen["code"]))

    assert len(shared.emulator.requests(social, "token")) == 1
    assert_refused(answer, "authorization-code-refused")


async def test_oa_20_where_pkce_is_ignored_the_nonce_refuses(shared: Scene) -> None:
    shared.emulator.fault("google", "token", faults.ignore_pkce())
    shared.arrives("google")

    async with shared.browser() as victims, shared.browser() as attackers, shared.nothing_written():
        stolen = query_of(await way_back(victims, "google"))
        answer = await attackers.get(altered(await way_back(attackers, "google"), code=stolen["code"]))

    assert_refused(answer, "provider-answer-invalid")


@pytest.mark.parametrize("social", PROVIDERS)
async def test_oa_20_a_code_made_with_a_challenge_of_the_attackers_is_refused(social: Provider, shared: Scene) -> None:
    victim = shared.arrives(social)
    callback = f"{shared.service.api}/oauth/authorize?social={social}"
    code = shared.emulator.mint_code(
        social, persona=victim, redirect_uri=callback, challenge=code_challenge(VERIFIER), nonce="n", device_id="device"
    )

    async with shared.browser() as browser, shared.nothing_written():
        back = await way_back(browser, social)
        device = [("device_id", "device")] if social == "vk" else []
        answer = await browser.get(altered(back, remove=["device_id"], append=device, code=code))

    assert_refused(answer, "authorization-code-refused")


@pytest.mark.parametrize("social", PROVIDERS)
async def test_a_code_that_the_provider_never_made_is_refused(social: Provider, shared: Scene) -> None:
    shared.arrives(social)

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.get(altered(await way_back(browser, social), code="garbage"))

    assert_refused(answer, "authorization-code-refused")


@pytest.mark.parametrize("code", ["", "a%20b", "a%0d%0ab", "%00", "é", "x" * 4097])
async def test_a_code_of_impossible_form_is_not_sent(code: str, shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser, shared.nothing_spent():
        back = await way_back(browser, "yandex")
        answer = await browser.get(altered(back, remove=["code"]) + f"&code={code}")

    assert_refused(answer, "callback-malformed", "malformed-request", "validation-failed")


async def test_oa_21_pv_05_ya_6_a_token_of_another_yandex_application_signs_nobody_in(shared: Scene) -> None:
    victim = shared.arrives("yandex")
    token = shared.emulator.mint_token("yandex", persona=victim, client_id=FOREIGN_YANDEX_APP.client_id)
    shared.emulator.fault("yandex", "token", faults.merge({"access_token": token}))

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with("yandex")

    assert len(shared.emulator.requests("yandex", "profile")) == 1
    assert_refused(answer, "provider-answer-invalid", unseen=(FOREIGN_YANDEX_APP.client_id,))


async def test_oa_21_a_profile_of_another_mail_ru_application_signs_nobody_in(shared: Scene) -> None:
    somebody = shared.arrives("mail")
    shared.emulator.override(somebody, "mail", {"client_id": "another"})

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with("mail")

    assert_refused(answer, "provider-answer-invalid")


async def test_oa_21_id_31_no_route_takes_a_providers_token(shared: Scene) -> None:
    async with shared.browser() as browser:
        document = (await browser.get("/openapi.json")).json

    names = {
        name.lower()
        for schema in document["components"]["schemas"].values()
        for name in schema.get("properties", {})
        if schema.get("title", "").endswith("Body")
    }
    parameters = {
        each["name"].lower()
        for path in document["paths"].values()
        for operation in path.values()
        for each in operation.get("parameters", [])
    }

    assert names
    assert not (names | parameters) & {"id_token", "credential", "provider_token", "social_token", "oauth_token"}
    assert not parameters & {"access_token", "refresh_token", "token"}


@pytest.mark.parametrize("social", PROVIDERS)
async def test_a_refused_code_does_not_open_the_account_of_the_same_browser(social: Provider, shared: Scene) -> None:
    """Whoever was signed in before stays who they were."""
    somebody = shared.newcomer()
    await sign_in(shared, social, somebody)

    async with shared.browser() as browser:
        await browser.sign_in_with(social)
        before = (await browser.get("/me")).json
        refused = await browser.get(altered(await way_back(browser, social), code="garbage"))
        after = (await browser.get("/me")).json

    assert_refused(refused, "authorization-code-refused")
    assert before == after


async def test_oa_25_every_one_time_value_opens_its_own_route_alone(shared: Scene) -> None:
    shared.arrives("yandex")
    address = f"typed-{len(shared.emulator.requests())}@elsewhere.example"
    async with shared.browser() as browser:
        back = await way_back(browser, "yandex")
        options = {"return_to": RETURN_URL, "code_challenge": code_challenge(VERIFIER)}
        landed = await browser.sign_in_with("yandex", **options)
        await browser.post("/register", {"email": address, "password": PASSWORD})
        signed_in = await sign_in(shared, "google", shared.newcomer())
        values = {
            "state": query_of(back)["state"],
            "code": query_of(back)["code"],
            "hand-over": landed.location_query["code"],
            "confirmation": await shared.service.confirmation_token(address),
            "refresh": signed_in.refresh_token,
            "access": signed_in.access_token,
        }
        before = await shared.footprint()
        for name, value in values.items():
            answers = {
                "state": await browser.get(
                    "/oauth/authorize", params={"social": "yandex", "code": "x", "state": value}
                ),
                "hand-over": await browser.post("/oauth/exchange", {"code": value, "code_verifier": VERIFIER}),
                "confirmation": await browser.post("/email/confirm", {"token": value}),
                "refresh": await browser.refresh(value),
                "access": await browser.get("/me", headers={"Authorization": f"Bearer {value}"}),
            }
            for route, answer in answers.items():
                assert route == name or answer.status in {400, 401, 422}, (name, route, answer.text)
        after = await shared.footprint()

    assert after == before


async def test_oa_25_a_hand_over_code_is_no_state_in_its_own_browser(shared: Scene) -> None:
    shared.arrives("google")
    options = {"return_to": RETURN_URL, "code_challenge": code_challenge(VERIFIER)}

    async with shared.browser() as browser:
        landed = await browser.sign_in_with("google", **options)
        code = landed.location_query["code"]
        async with shared.nothing_spent():
            answer = await browser.get(
                "/oauth/authorize",
                params={"social": "google", "code": "x", "state": code, "iss": f"{shared.emulator.url}/google"},
            )
        exchanged = await browser.post("/oauth/exchange", {"code": code, "code_verifier": VERIFIER})

    assert_refused(answer, "login-state-invalid")
    assert exchanged.status == 200


async def test_lk_02_signing_in_elsewhere_meanwhile_does_not_leak_into_the_attempt(shared: Scene) -> None:
    registered = await register(shared, "meanwhile@elsewhere.example", confirmed=True)
    shared.arrives("vk")

    async with shared.browser() as browser:
        back = await way_back(browser, "vk")
        await browser.login("meanwhile@elsewhere.example")
        browser.keep(await browser.get(back))
        me = await browser.get("/me")

    assert me.json["id"] != registered.json["user_id"]
