"""What a mobile app may not bring: other addresses, codes that are not its own, a provider's token."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from app.tests.social.accounts import register, sign_in
from app.tests.social.mobile import APP_LINKS, APPS, LISTED, get_code, sign_in_natively
from app.tests.social.problems import assert_refused
from app.tests.social.scene import RETURN_URL, Scene, open_scene, query_of, way_back
from emulator.names import Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNLISTED = {
    "nothing": "",
    "another's": "https://evil.example/",
    "another scheme": "evil://vk.ru/blank.html",
    "a prefix": "vk53000001://vk.ru/",
    "more than it": "vk53000001://vk.ru/blank.html/",
    "a query": "vk53000001://vk.ru/blank.html?x=1",
    "upper case": "VK53000001://vk.ru/blank.html",
    "a blank behind it": "vk53000001://vk.ru/blank.html ",
    "two of them": "vk53000001://vk.ru/blank.html,https://cinema.example/app/yandex",
    "a front end's": RETURN_URL,
}
BAD_VERIFIERS = {
    "none": "", "42 signs": "v" * 42, "129 signs": "v" * 129, "a line end": "v" * 43 + "\n", "a plus": "v" * 43 + "+",
    "not ASCII": "я" * 43,
}  # fmt: skip
BAD_CODES = {
    "none": "",
    "a blank": "a b",
    "a line end": "code\r\nX: 1",
    "not ASCII": "кодкод",
    "4097 signs": "x" * 4097,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """A service that knows where the apps get their codes."""
    async with open_scene(tmp_path_factory.mktemp("data"), **LISTED) as opened:
        yield opened


@pytest.mark.parametrize("redirect_uri", UNLISTED.values(), ids=UNLISTED)
async def test_an_address_that_is_not_listed_is_refused(redirect_uri: str, shared: Scene) -> None:
    shared.arrives("vk")

    async with shared.browser() as app, shared.nothing_spent():
        answer = await sign_in_natively(shared, app, "vk", redirect_uri=redirect_uri)

    assert_refused(answer, "redirect-uri-refused")


@pytest.mark.asyncio(loop_scope="function")
@pytest.mark.parametrize("social", APPS)
async def test_where_nothing_is_listed_every_address_is_refused(social: Provider, scene: Scene) -> None:
    scene.arrives(social)

    async with scene.browser() as app, scene.nothing_spent():
        assert_refused(await sign_in_natively(scene, app, social), "redirect-uri-refused")


@pytest.mark.parametrize("social", ["google", "mail"])
async def test_a_network_whose_codes_are_tied_to_no_verifier_is_refused(social: str, shared: Scene) -> None:
    shared.arrives("vk")

    async with shared.browser() as app, shared.nothing_spent():
        brought = await get_code(shared, app, "vk")
        answer = await app.post("/oauth/native", {**brought, "social": social})

    assert_refused(answer, "native-sign-in-unsupported")


@pytest.mark.parametrize("social", ["", "myspace", "VK", "vk\n"])
async def test_a_network_that_nobody_knows_is_refused(social: str, shared: Scene) -> None:
    shared.arrives("vk")

    async with shared.browser() as app, shared.nothing_spent():
        brought = await get_code(shared, app, "vk")
        answer = await app.post("/oauth/native", {**brought, "social": social})

    assert_refused(answer, "provider-unknown")


@pytest.mark.parametrize("social", APPS)
async def test_oa_20_whoever_catches_the_code_needs_the_verifier_too(social: Provider, shared: Scene) -> None:
    """Another app that has claimed the address."""
    shared.arrives(social)

    async with shared.browser() as app, shared.browser() as thief, shared.nothing_written():
        caught = await get_code(shared, app, social)
        answer = await thief.post("/oauth/native", {**caught, "code_verifier": "t" * 43})

    assert_refused(answer, "authorization-code-refused")


@pytest.mark.parametrize("social", APPS)
async def test_oa_20_a_code_of_our_callback_is_no_apps(social: Provider, shared: Scene) -> None:
    """Whoever has read one in a log has no verifier: it never leaves the service."""
    shared.arrives(social)

    async with shared.browser() as browser, shared.browser() as thief, shared.nothing_written():
        logged = query_of(await way_back(browser, social))
        answer = await thief.post(
            "/oauth/native",
            {
                "social": social,
                "code": logged["code"],
                "code_verifier": "t" * 43,
                "redirect_uri": APP_LINKS[social],
                "device_id": logged.get("device_id", ""),
            },
        )

    assert_refused(answer, "authorization-code-refused")


@pytest.mark.parametrize("verifier", BAD_VERIFIERS.values(), ids=BAD_VERIFIERS)
async def test_a_verifier_of_no_proper_form_is_refused(verifier: str, shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as app, shared.nothing_spent():
        answer = await sign_in_natively(shared, app, "yandex", code_verifier=verifier)

    assert_refused(answer, "validation-failed", "callback-malformed")


@pytest.mark.parametrize("code", BAD_CODES.values(), ids=BAD_CODES)
async def test_a_code_of_impossible_form_is_not_sent(code: str, shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as app, shared.nothing_spent():
        answer = await sign_in_natively(shared, app, "yandex", code=code)

    assert_refused(answer, "validation-failed", "callback-malformed")


@pytest.mark.parametrize("device_id", [None, "", "a\r\nb", "x" * 1025], ids=["none", "empty", "lines", "too long"])
async def test_pv_01_without_a_proper_device_vks_code_is_not_spent(device_id: str | None, shared: Scene) -> None:
    shared.arrives("vk")

    async with shared.browser() as app:
        brought = await get_code(shared, app, "vk")
        async with shared.nothing_spent():
            refused = await app.post("/oauth/native", {**brought, "device_id": device_id})
        afterwards = await app.post("/oauth/native", brought)

    assert_refused(refused, "callback-malformed", "validation-failed")
    assert afterwards.status == 200


@pytest.mark.parametrize("missing", ["social", "code", "code_verifier", "redirect_uri"])
async def test_a_body_that_lacks_something_is_refused(missing: str, shared: Scene) -> None:
    shared.arrives("vk")

    async with shared.browser() as app, shared.nothing_spent():
        brought = await get_code(shared, app, "vk")
        del brought[missing]
        answer = await app.post("/oauth/native", brought)

    assert_refused(answer, "validation-failed")


async def test_lk_31_other_members_of_the_body_are_ignored(shared: Scene) -> None:
    """OA-21: a provider's token is none of ours, whoever it was issued to."""
    victim = await sign_in(shared, "vk", shared.newcomer())
    token = shared.emulator.mint_token("vk", persona=shared.newcomer())
    shared.arrives("vk")

    async with shared.browser() as app:
        claimed = {
            "user": victim.id,
            "sub": victim.id,
            "email": "x@gmail.com",
            "access_token": token,
            "id_token": token,
        }
        answer = await sign_in_natively(shared, app, "vk", **claimed)
        me = (await app.get("/me")).json

    assert answer.json["is_new_account"] is True
    assert me["id"] != victim.id
    assert me["email"] is None


@pytest.mark.parametrize("social", APPS)
async def test_oa_21_a_providers_token_is_no_code(social: Provider, shared: Scene) -> None:
    token = shared.emulator.mint_token(social, persona=shared.newcomer())
    shared.arrives(social)

    async with shared.browser() as app, shared.nothing_written():
        answer = await sign_in_natively(shared, app, social, code=token)

    assert_refused(answer, "authorization-code-refused")


async def test_oa_25_no_one_time_value_of_ours_is_an_apps_code(shared: Scene) -> None:
    shared.arrives("yandex")
    async with shared.browser() as browser, shared.browser() as app:
        begun = query_of(await way_back(browser, "yandex"))
        await register(shared, "one-time@elsewhere.example", confirmed=False)
        confirmation = await shared.service.confirmation_token("one-time@elsewhere.example")
        signed = await sign_in(shared, "vk", shared.newcomer())
        values = [begun["state"], confirmation, signed.access_token, signed.refresh_token]
        async with shared.nothing_written():
            for value in values:
                answer = await sign_in_natively(shared, app, "yandex", code=value)
                assert_refused(answer, "authorization-code-refused")


async def test_oa_30_native_sign_ins_are_limited_per_network(tmp_path: Path) -> None:
    """Each would send requests to the provider."""
    async with open_scene(tmp_path / "data", rate_limits=True, **LISTED) as scene, scene.browser() as app:
        brought = {"social": "vk", "code": "c", "code_verifier": "v" * 43, "redirect_uri": "https://elsewhere.example/"}
        answers = [await app.post("/oauth/native", brought)]
        while answers[-1].status == 400 and len(answers) < 700:  # a window that turns meanwhile lets some more through
            answers.append(await app.post("/oauth/native", brought))

    assert len(answers) > 300
    assert_refused(answers[-1], "too-many-requests")
