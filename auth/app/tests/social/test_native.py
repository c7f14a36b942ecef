"""A mobile app brings the code that a provider gave it: the way of the callback, without a browser of ours."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from app.tests.social.accounts import history_of, my_id, register, sign_in
from app.tests.social.mobile import APP_LINKS, APPS, LISTED, get_code, sign_in_natively
from app.tests.social.problems import assert_refused
from app.tests.social.scene import Scene, open_scene, way_back
from app.tests.support.people import block, signed_in
from app.tests.support.viewer import PASSWORD
from emulator import DEMO_APPS, faults
from emulator.names import Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """A service that knows where the apps get their codes."""
    async with open_scene(tmp_path_factory.mktemp("data"), **LISTED) as opened:
        yield opened


@pytest.mark.parametrize("social", APPS)
async def test_a_code_of_the_providers_sdk_signs_in(social: Provider, shared: Scene) -> None:
    shared.arrives(social)

    async with shared.browser() as app:
        shared.emulator.clear_requests()
        brought = await get_code(shared, app, social)
        answer = app.keep(await app.post("/oauth/native", brought))
        me = await app.get("/me")
        refreshed = await app.refresh()

    assert answer.status == 200
    assert set(answer.json) == {
        "access_token", "refresh_token", "expires_in", "refresh_expires_in", "token_type", "is_new_account",
    }  # fmt: skip
    assert answer.json["is_new_account"] is True
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert (me.status, refreshed.status) == (200, 200)
    [exchange] = shared.emulator.requests(social, "token")
    assert exchange.form["redirect_uri"] == APP_LINKS[social]
    assert exchange.form["code_verifier"] == brought["code_verifier"]
    assert exchange.form.get("device_id") == brought.get("device_id")


@pytest.mark.parametrize("social", APPS)
async def test_app_and_browser_open_one_account(social: Provider, shared: Scene) -> None:
    somebody = shared.newcomer()
    in_the_browser = await sign_in(shared, social, somebody)

    async with shared.browser() as app:
        answer = await sign_in_natively(shared, app, social)
        listed = (await app.get("/me/logins")).json["items"]

        assert answer.json["is_new_account"] is False
        assert my_id(app) == in_the_browser.id
    assert {(each["method"], each["social"], each["outcome"]) for each in listed} == {("social", social, "succeeded")}
    assert len(listed) == 2


@pytest.mark.parametrize("social", APPS)
async def test_oa_26_of_many_with_one_code_at_once_exactly_one_gets_a_pair(social: Provider, shared: Scene) -> None:
    shared.arrives(social)

    async with shared.browser() as app:
        brought = await get_code(shared, app, social)
        answers = await asyncio.gather(*(app.post("/oauth/native", brought) for _ in range(20)))

    losers = [answer for answer in answers if answer.status != 200]
    assert len(losers) == 19
    for loser in losers:
        assert_refused(loser, "authorization-code-refused")


@pytest.mark.parametrize("social", APPS)
async def test_many_first_sign_ins_of_one_person_in_apps_and_browsers_make_one_account(
    social: Provider, shared: Scene
) -> None:
    shared.arrives(social)

    async with shared.browser() as app, shared.browser() as browser:
        codes = [await get_code(shared, app, social) for _ in range(8)]
        backs = [await way_back(browser, social) for _ in range(8)]
        answers = await asyncio.gather(
            *(app.post("/oauth/native", each) for each in codes), *(browser.get(each) for each in backs)
        )

    assert [answer.status for answer in answers] == [200] * 16
    assert [answer.json["is_new_account"] for answer in answers].count(True) == 1


@pytest.mark.parametrize("social", APPS)
async def test_an_address_that_is_known_already_leads_to_the_link_assistant(social: Provider, shared: Scene) -> None:
    somebody = shared.newcomer()
    email = f"{somebody}@elsewhere.example"
    owner = await register(shared, email, confirmed=True)
    shared.emulator.change(somebody, social, email=email)
    shared.emulator.decide(social, persona=somebody)

    async with shared.browser() as app, shared.browser() as thief:
        async with shared.nothing_written():
            brought = await get_code(shared, app, social)
            met = await app.post("/oauth/native", brought)
            proof = {"link_token": met.json["link_token"], "password": PASSWORD}
            stolen = await thief.post("/oauth/link", {**proof, "code_verifier": "t" * 43})
        linked = await app.post("/oauth/link", {**proof, "code_verifier": brought["code_verifier"]})
        again = await sign_in_natively(shared, app, social)

        assert my_id(app) == owner.json["user_id"]
    assert_refused(met, "account-exists", unseen=(email, owner.json["user_id"]))
    assert met.json["ways"] == [{"method": "password", "email": "n***@e***.example"}]
    assert_refused(stolen, "link-token-invalid")
    assert linked.status == again.status == 200


async def test_hi_01_what_happens_is_in_the_owners_login_history(shared: Scene) -> None:
    somebody = shared.newcomer()
    email = f"{somebody}@elsewhere.example"
    owner = await register(shared, email, confirmed=True)
    shared.emulator.change(somebody, "vk", email=email)
    shared.emulator.decide("vk", persona=somebody)

    async with shared.browser() as app:
        await sign_in_natively(shared, app, "vk")
    async with signed_in(shared.service, email):
        pass

    assert await history_of(shared, owner.json["user_id"]) == [
        ("succeeded", None), ("account-exists", "vk"), ("succeeded", None),
    ]  # fmt: skip


async def test_lk_27_a_blocked_account_is_refused(shared: Scene) -> None:
    somebody = shared.newcomer()
    email = f"{somebody}@yandex.ru"
    account = await sign_in(shared, "yandex", somebody)
    await block(shared.service, email)

    async with shared.browser() as app, shared.nothing_written():
        answer = await sign_in_natively(shared, app, "yandex")

    assert_refused(answer, "social-login-refused", unseen=(account.id,))
    assert (await history_of(shared, account.id))[-1] == ("account-blocked", "yandex")


@pytest.mark.parametrize(
    ("fault", "code"),
    [(faults.status(503), "provider-unavailable"), (faults.html(), "provider-answer-invalid")],
    ids=["away", "confused"],
)
async def test_a_provider_that_fails_is_told_and_opens_nothing(fault: Any, code: str, shared: Scene) -> None:
    shared.arrives("vk")
    shared.emulator.fault("vk", "profile", fault)

    async with shared.browser() as app, shared.nothing_written():
        answer = await sign_in_natively(shared, app, "vk")

    assert_refused(answer, code)


async def test_vks_confidential_applications_send_their_service_token(tmp_path: Path) -> None:
    token = "service-token-of-the-app"
    async with open_scene(tmp_path / "data", {"AUTH_VK_SERVICE_TOKEN": token}, **LISTED) as scene:
        scene.emulator.add_app(replace(DEMO_APPS["vk"], service_token=token))
        scene.arrives("vk")
        async with scene.browser() as app:
            answer = await sign_in_natively(scene, app, "vk")

        assert scene.emulator.requests("vk", "token")[-1].form["service_token"] == token
    assert answer.status == 200
