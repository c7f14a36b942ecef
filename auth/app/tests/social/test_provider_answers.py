"""Answers of providers that prove nobody's identity: from the token endpoint and the profile, at all four."""

from typing import Any

import pytest

from app.tests.social.problems import MARKER, assert_refused
from app.tests.social.scene import Scene, everywhere
from emulator import DEMO_APPS, Effect, Endpoint, faults
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUBJECT: dict[Provider, str] = {"yandex": "id", "vk": "user_id", "google": "sub", "mail": "id"}

NO_OBJECTS: dict[str, Effect] = {
    "HTML": faults.html(),
    "HTML 403": faults.html(code=403),
    "text": faults.body("OK", content_type="text/plain"),
    "XML": faults.body("<user><id>1</id></user>", content_type="application/xml"),
    "empty": faults.body(""),
    "empty 401": faults.body("", code=401),
    "no content": faults.body("", code=204),
    "truncated": faults.truncate(20),
    "array": faults.json([{"id": "1", "access_token": "x"}]),
    "string": faults.json("access_token"),
    "number": faults.json(1),
    "null": faults.json(None),
    "NaN": faults.body('{"access_token": NaN, "id": NaN}'),
    "member twice": faults.body('{"access_token": "a", "access_token": "b", "id": "1", "id": "2"}'),
    "BOM": faults.body(b'\xef\xbb\xbf{"access_token": "a", "id": "1"}'),
    "not UTF-8": faults.body(b'{"access_token": "\xff", "id": "\xff"}'),
    "nested too deep": faults.body('{"a":' * 20_000 + "1" + "}" * 20_000),
    "a number without end": faults.body('{"access_token": "a", "id": ' + "9" * 10_000 + "}"),
    "form encoded": faults.body("access_token=a&id=1", content_type="application/x-www-form-urlencoded"),
}


@everywhere
@pytest.mark.parametrize("fault", NO_OBJECTS.values(), ids=NO_OBJECTS)
async def test_pr_02_what_is_no_json_object_signs_nobody_in(
    fault: Effect, social: Provider, endpoint: Endpoint, shared: Scene
) -> None:
    shared.arrives(social)
    shared.emulator.fault(social, endpoint, fault)

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with(social)

    assert_refused(answer, "provider-answer-invalid")


ERROR_OBJECTS: dict[str, Any] = {
    "empty object": {},
    "error": {"error": MARKER},
    "error beside a token and an id": {"error": MARKER, "access_token": "x", "token_type": "Bearer", "id": "1"},
    "error null": {"error": None, "access_token": "x", "id": "1"},
    "error false": {"error": False, "access_token": "x", "id": "1"},
    "error as a number": {"error": 5, "access_token": "x", "id": "1"},
    "error as an object": {"error": {"error_code": 5, "error_msg": MARKER}},
    "error as a list": {"error": [MARKER]},
    "error of Mail.ru": {"error": "unheard of", "error_code": 99, "error_description": MARKER},
}


@everywhere
@pytest.mark.parametrize("code", [200, 400])
@pytest.mark.parametrize("document", ERROR_OBJECTS.values(), ids=ERROR_OBJECTS)
async def test_pr_01_an_error_signs_nobody_in_whatever_its_status(
    document: Any, code: int, social: Provider, endpoint: Endpoint, shared: Scene
) -> None:
    shared.arrives(social)
    shared.emulator.fault(social, endpoint, faults.json(document, code=code))

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with(social)

    assert_refused(answer, "provider-answer-invalid")


@everywhere
@pytest.mark.parametrize("error", [MARKER, None, False, 0, "", {}], ids=repr)
async def test_pr_01_an_error_in_an_otherwise_good_answer_is_an_error(
    error: Any, social: Provider, endpoint: Endpoint, shared: Scene
) -> None:
    shared.arrives(social)
    shared.emulator.fault(social, endpoint, faults.merge({"error": error}))

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with(social)

    assert_refused(answer, "provider-answer-invalid")


@pytest.mark.parametrize("social", ["yandex", "vk", "mail"])
@pytest.mark.parametrize("endpoint", ["token", "profile"])
@pytest.mark.parametrize("code", [201, 400, 401, 403, 404])
async def test_pr_01_a_good_answer_with_the_status_of_a_failure_is_a_failure(
    code: int, endpoint: Endpoint, social: Provider, shared: Scene
) -> None:
    token = shared.emulator.mint_token(social, persona=shared.arrives(social))
    person: dict[str, Any] = {"id": "4711", "client_id": DEMO_APPS[social].client_id, "user": {"user_id": "4711"}}
    good = person if endpoint == "profile" else {"access_token": token, "token_type": "Bearer"}
    shared.emulator.fault(social, endpoint, faults.json(good, code=code))

    async with shared.browser() as browser, shared.nothing_written():
        refused = await browser.sign_in_with(social)
        shared.emulator.clear_faults()
    shared.emulator.fault(social, endpoint, faults.json(good))
    async with shared.browser() as browser:
        accepted = await browser.sign_in_with(social)

    assert_refused(refused, "provider-answer-invalid")
    assert accepted.status == 200


NO_IDS: list[Any] = [
    "",
    " ",
    "\t",
    "0",
    "000",
    0,
    -1,
    1.5,
    None,
    False,
    True,
    [],
    {},
    [1],
    {"id": 1},
    "1 2",
    "é",
    "x" * 256,
]


@pytest.mark.parametrize("social", PROVIDERS)
@pytest.mark.parametrize("value", NO_IDS, ids=lambda value: f"{value!r:.12}")
async def test_pr_01_an_id_that_names_nobody_signs_nobody_in(value: Any, social: Provider, shared: Scene) -> None:
    somebody = shared.arrives(social)
    shared.emulator.override(somebody, social, {SUBJECT[social]: value})

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with(social)

    assert_refused(answer, "provider-answer-invalid")


@pytest.mark.parametrize("social", PROVIDERS)
async def test_pr_01_two_people_without_an_id_never_share_an_account(social: Provider, shared: Scene) -> None:
    people = [shared.newcomer() for _ in range(2)]

    async with shared.browser() as browser, shared.nothing_written():
        for somebody in people:
            shared.emulator.override(somebody, social, {}, remove=[SUBJECT[social]])
            shared.emulator.decide(social, persona=somebody)
            assert_refused(await browser.sign_in_with(social), "provider-answer-invalid")


@pytest.mark.parametrize("social", ["yandex", "vk", "mail"])
async def test_pr_01_a_number_too_long_for_a_subject_signs_nobody_in(social: Provider, shared: Scene) -> None:
    somebody = shared.arrives(social)
    shared.emulator.override(somebody, social, {SUBJECT[social]: int("9" * 256)})

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with(social)

    assert_refused(answer, "provider-answer-invalid")


NO_TEXTS: list[Any] = ["", None, 1, True, [], ["x"], {}, " ", "a b", "a\r\nX-Evil: 1", "a\n", "\u0000", "é", "\ud800"]
NO_BEARERS: list[Any] = ["mac", "dpop", "", "Bearer ", 1, False, [], ["bearer"], {}]
NO_TOKENS: dict[str, Effect] = {
    "no access_token": faults.merge(remove=["access_token"]),
    **{f"access_token {value!r:.12}": faults.merge({"access_token": value}) for value in NO_TEXTS},
    "1 MB token": faults.merge({"access_token": "x" * 1024 * 1024}),
    "long token": faults.merge({"access_token": "x" * 8193}),
    **{f"token_type {value!r:.8}": faults.merge({"token_type": value}) for value in NO_BEARERS},
}


@pytest.mark.parametrize("social", PROVIDERS)
@pytest.mark.parametrize("fault", NO_TOKENS.values(), ids=NO_TOKENS)
async def test_pr_13_an_unusable_token_goes_nowhere(fault: Effect, social: Provider, shared: Scene) -> None:
    shared.arrives(social)
    shared.emulator.fault(social, "token", fault)

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with(social)

    assert_refused(answer, "provider-answer-invalid")
    assert shared.emulator.requests(social, "profile") == []


PLAIN_TOKENS: dict[str, Effect] = {
    "ID-36 type in other case": faults.merge({"token_type": "bEaReR"}),
    "ID-36 no type": faults.merge(remove=["token_type"]),
    "ID-36 no expires_in": faults.merge(remove=["expires_in"]),
    "ID-36 no scope": faults.merge(remove=["scope"]),
    "no refresh token": faults.merge(remove=["refresh_token"]),
    "unknown members": faults.merge({"roles": ["superuser"], "user": {"id": "1"}, "nothing": None, "deep": [[{}]]}),
}


@pytest.mark.parametrize("social", PROVIDERS)
@pytest.mark.parametrize("fault", PLAIN_TOKENS.values(), ids=PLAIN_TOKENS)
async def test_id_36_permitted_variations_of_a_token_answer_sign_in(
    fault: Effect, social: Provider, shared: Scene
) -> None:
    shared.arrives(social)
    shared.emulator.fault(social, "token", fault)

    async with shared.browser() as browser:
        answer = await browser.sign_in_with(social)

    assert answer.status == 200
