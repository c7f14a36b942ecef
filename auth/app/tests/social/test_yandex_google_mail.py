"""The other three providers' own ways, as a client meets them (sections 2, 5 and 6)."""

from datetime import timedelta
from typing import Any

import pytest

from app.tests.social.accounts import sign_in
from app.tests.social.problems import assert_refused
from app.tests.social.scene import Scene, altered, query_of, way_back
from emulator import faults
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("social", PROVIDERS)
async def test_section_13_6_a_used_code_is_understood_whatever_its_status(
    social: Provider, flip: bool, shared: Scene
) -> None:
    """YA-2, VK-4, MR-2: errors come with 200, 400 or 401; here also the other way round."""
    shared.arrives(social)

    async with shared.browser() as browser:
        first, second = [await way_back(browser, social) for _ in range(2)]
        signed_in = await browser.get(first)
        if flip:
            shared.emulator.fault(social, "token", faults.flip_error_status())
        used, others = query_of(first), query_of(second)
        async with shared.nothing_written():
            reused = await browser.get(altered(first, state=others["state"]))

    assert signed_in.status == 200
    assert shared.emulator.requests(social, "token")[-1].form["code"] == used["code"]
    assert_refused(reused, "authorization-code-refused")


@pytest.mark.asyncio(loop_scope="function")
@pytest.mark.parametrize("social", PROVIDERS)
async def test_ya_2_a_code_that_expired_at_the_provider_asks_to_start_again(social: Provider, scene: Scene) -> None:
    scene.arrives(social)

    async with scene.browser() as browser, scene.nothing_written():
        back = await way_back(browser, social)
        scene.emulator.shift_clock(timedelta(minutes=10))
        answer = await browser.get(back)

    assert_refused(answer, "authorization-code-refused")


@pytest.mark.parametrize("social", ["yandex", "google", "mail"])
@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "Basic auth required", "invalid_scope"])
async def test_ya_1_trouble_with_our_own_registration_is_not_told_as_the_persons(
    error: str, social: Provider, shared: Scene
) -> None:
    shared.arrives(social)
    shared.emulator.fault(social, "token", faults.json({"error": error, "error_description": error}, code=400))

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with(social)

    assert_refused(answer, "provider-answer-invalid", unseen=(error,))


async def test_ya_5_an_unauthorized_answer_without_a_body_is_understood(shared: Scene) -> None:
    shared.arrives("yandex")
    shared.emulator.fault("yandex", "token", faults.merge({"access_token": "y0_revoked"}))

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with("yandex")

    assert_refused(answer, "provider-answer-invalid")


@pytest.mark.parametrize("optional", [True, False])
async def test_d3_yandex_gets_secret_and_verifier(optional: bool, shared: Scene) -> None:
    shared.emulator.switch("yandex", secret_optional_with_pkce=optional)

    await sign_in(shared, "yandex", shared.newcomer())

    (sent,) = shared.emulator.requests("yandex", "token")
    assert "Authorization" in sent.headers
    assert "code_verifier" in sent.form


async def test_ya_11_both_with_and_without_the_extra_parameter(shared: Scene) -> None:
    for cid in (True, False):
        shared.emulator.switch("yandex", cid=cid)
        assert (await sign_in(shared, "yandex", shared.newcomer())).is_new_account


@pytest.mark.parametrize("switches", [{"basic_only": True}, {"pkce_required": True}, {"pkce_ignored": True}], ids=str)
async def test_mr_3_d12_mail_ru_is_met_in_each_of_its_readings(switches: dict[str, Any], shared: Scene) -> None:
    shared.emulator.switch("mail", **switches)

    account = await sign_in(shared, "mail", shared.newcomer())

    assert account.is_new_account


@pytest.mark.parametrize("error_status", [200, 400, 401])
async def test_mr_2_an_error_with_blanks_in_it_is_an_error_whatever_its_status(
    error_status: int, shared: Scene
) -> None:
    shared.emulator.switch("mail", error_status=error_status)
    shared.arrives("mail")

    async with shared.browser() as browser, shared.nothing_written():
        code_refused = await browser.get(altered(await way_back(browser, "mail"), code="garbage"))
        shared.emulator.fault("mail", "token", faults.merge({"access_token": "revoked"}))
        token_refused = await browser.sign_in_with("mail")

    assert_refused(code_refused, "authorization-code-refused")
    assert_refused(token_refused, "provider-answer-invalid")


async def test_d13_the_subject_of_mail_ru_is_the_id_and_never_the_address(shared: Scene) -> None:
    somebody = shared.arrives("mail")
    shared.emulator.override(somebody, "mail", {}, remove=["id"])

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with("mail")

    assert_refused(answer, "provider-answer-invalid")


async def test_go_4_a_second_consent_without_a_refresh_token_is_enough(shared: Scene) -> None:
    somebody = shared.newcomer()

    first, second = [await sign_in(shared, "google", somebody) for _ in range(2)]

    assert first.id == second.id


async def test_go_10_without_the_right_openid_there_is_no_identity(shared: Scene) -> None:
    shared.arrives("google")
    shared.emulator.fault("google", "token", faults.merge(remove=["id_token"]))

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with("google")

    assert_refused(answer, "provider-answer-invalid")


async def test_google_codes_with_characters_that_need_escaping_arrive_whole(shared: Scene) -> None:
    shared.arrives("google")

    async with shared.browser() as browser:
        answer = await browser.get(await way_back(browser, "google"))

    (sent,) = shared.emulator.requests("google", "token")
    assert answer.status == 200
    assert sent.form["code"].startswith("4/0A")
