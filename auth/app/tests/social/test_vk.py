"""VK ID's own ways, as a client meets them (section 3)."""

import pytest

from app.tests.social.accounts import sign_in
from app.tests.social.problems import MARKER, assert_refused
from app.tests.social.scene import Scene, altered, get_exactly, query_of, way_back
from emulator import faults

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("error_status", [200, 400, 401])
async def test_vk_4_a_refused_code_is_understood_whatever_its_status(error_status: int, shared: Scene) -> None:
    shared.emulator.switch("vk", error_status=error_status)
    shared.arrives("vk")

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.get(altered(await way_back(browser, "vk"), code="vk2.a.garbage"))

    assert_refused(answer, "authorization-code-refused")


@pytest.mark.parametrize("error_status", [200, 400, 401])
async def test_vk_8_a_refused_token_is_understood_whatever_its_status(error_status: int, shared: Scene) -> None:
    shared.emulator.switch("vk", error_status=error_status)
    shared.emulator.fault("vk", "token", faults.merge({"access_token": "vk2.a.revoked"}))
    shared.arrives("vk")

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with("vk")

    assert_refused(answer, "provider-answer-invalid")


NO_DEVICES = {
    "missing": None,
    "empty": "",
    "60 kB": "x" * 60_000,
    "too long": "x" * 1025,
    "CR and LF": "a%0d%0aX-Evil:%201",
    "NUL": "a%00",
    "escape character": "a%1B",
}


@pytest.mark.parametrize("device_id", NO_DEVICES.values(), ids=NO_DEVICES)
async def test_pv_01_without_a_proper_device_the_code_is_not_spent(device_id: str | None, shared: Scene) -> None:
    shared.arrives("vk")

    async with shared.browser() as browser:
        back = await way_back(browser, "vk")
        async with shared.nothing_spent():
            added = "" if device_id is None else f"&device_id={device_id}"
            answer = await get_exactly(browser, altered(back, remove=["device_id"]) + added)
        afterwards = await browser.get(back)

    assert_refused(answer, "callback-malformed", "malformed-request", "validation-failed", "address-too-long")
    assert afterwards.status == 200


async def test_pv_01_a_device_of_a_megabyte_is_not_even_read(shared: Scene) -> None:
    shared.arrives("vk")

    async with shared.browser() as browser:
        back = await way_back(browser, "vk")
        async with shared.nothing_spent():
            answer = await get_exactly(browser, altered(back, device_id="x" * 1_000_000))
        afterwards = await browser.get(back)

    assert answer.status in {400, 414}
    assert afterwards.status == 200


async def test_pv_01_vk_3_another_device_is_refused_by_the_provider(shared: Scene) -> None:
    shared.arrives("vk")

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.get(altered(await way_back(browser, "vk"), device_id="another-device"))

    assert_refused(answer, "authorization-code-refused")


@pytest.mark.parametrize("state", ["another", " ", "A" * 43, 1, None, [], {}, False])
async def test_pv_02_a_token_answer_with_another_state_is_refused(state: object, shared: Scene) -> None:
    shared.arrives("vk")
    shared.emulator.fault("vk", "token", faults.merge({"state": state}))

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with("vk")

    assert_refused(answer, "provider-answer-invalid")
    assert shared.emulator.requests("vk", "profile") == []


@pytest.mark.parametrize(
    "fault", [faults.merge({"state": ""}), faults.merge(remove=["state"])], ids=["empty", "absent"]
)
async def test_vk_6_a_token_answer_that_echoes_nothing_is_taken(fault: object, shared: Scene) -> None:
    shared.arrives("vk")
    shared.emulator.fault("vk", "token", fault)  # type: ignore[arg-type]

    async with shared.browser() as browser:
        answer = await browser.sign_in_with("vk")

    assert answer.status == 200


SHAPES = {
    "error": {"error": "invalid_token", "error_description": MARKER},
    "error beside a user": {"error": "invalid_token", "user": {"user_id": "1"}},
    "no user": {"user_id": "1"},
    "user null": {"user": None},
    "user as a list": {"user": [{"user_id": "1"}]},
    "user as text": {"user": "1"},
    "empty user": {"user": {}},
    "old interface": {"response": [{"id": 1}]},
    "old error": {"error": {"error_code": 5, "error_msg": MARKER}},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
async def test_pv_03_a_profile_without_a_user_signs_nobody_in(shape: object, shared: Scene) -> None:
    shared.arrives("vk")
    shared.emulator.fault("vk", "profile", faults.json(shape))

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with("vk")

    assert_refused(answer, "provider-answer-invalid")


async def test_vk_7_a_subject_is_one_whether_number_or_text(shared: Scene) -> None:
    somebody = shared.newcomer()
    subject = shared.emulator.persona(somebody).accounts["vk"].subject

    as_text = await sign_in(shared, "vk", somebody)
    shared.emulator.override(somebody, "vk", {"user_id": int(subject)})
    as_number = await sign_in(shared, "vk", somebody)

    assert as_text.id == as_number.id


async def test_vk_10_the_id_token_of_vk_is_not_looked_at(shared: Scene) -> None:
    shared.arrives("vk")
    shared.emulator.fault("vk", "token", faults.merge({"id_token": "forged", "user_id": 1, "email": "x@gmail.com"}))

    async with shared.browser() as browser:
        answer = await browser.sign_in_with("vk")
        me = await browser.get("/me")

    assert answer.status == 200
    assert me.json["email"] is None


@pytest.mark.parametrize("switch", ["strict_state", "strict_verifier"])
async def test_vk_14_the_strict_reading_of_the_rules_is_met(switch: str, shared: Scene) -> None:
    shared.emulator.switch("vk", **{switch: True})
    shared.arrives("vk")

    async with shared.browser() as browser:
        answers = [await browser.sign_in_with("vk") for _ in range(10)]

    assert {answer.status for answer in answers} == {200}


async def test_vk_an_answer_that_lives_for_no_time_is_taken(shared: Scene) -> None:
    """The documentation's samples say `expires_in: 0`."""
    shared.emulator.switch("vk", expires_in=0)
    shared.arrives("vk")

    async with shared.browser() as browser:
        answer = await browser.sign_in_with("vk")

    assert answer.status == 200


async def test_the_state_survives_the_way_byte_for_byte(shared: Scene) -> None:
    shared.arrives("vk")

    async with shared.browser() as browser:
        departure = await browser.depart("vk")
        back = await browser.visit_provider(departure)

    assert query_of(departure.location)["state"] == query_of(back)["state"]
