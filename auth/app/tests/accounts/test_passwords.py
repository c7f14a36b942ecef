"""Passwords over HTTP: compared exactly, in one Unicode form, and never by coercion."""

import unicodedata
from io import BytesIO
from typing import Any

import pytest

from app.tests.support.people import execute, register
from app.tests.support.service import Service
from app.tests.support.viewer import Viewer

EMAIL = "anna@example.ru"
EMOJI = "😀🐈🚋🍎" * 16

SAME = {
    "PW-02 64 emoji": (EMOJI, EMOJI),
    "PW-01 1024 characters": ("slow trams 7 " * 78 + "end of it!", "slow trams 7 " * 78 + "end of it!"),
    "PW-08 composed, then decomposed": ("sm\u00c5 katter", "smA\u030a katter"),
    "PW-08 decomposed, then composed": ("smA\u030a katter", "sm\u00c5 katter"),
    "PW-08 composed, then the ångström sign": ("sm\u00c5 katter", "sm\u212b katter"),
    "PW-08 ligature, then letters": ("\ufb01fteen doors", "fifteen doors"),
    "PW-08 full-width digits": ("trams \uff14\uff15\uff16\uff17", "trams 4567"),
    "PW-08 Cyrillic й in two signs": (unicodedata.normalize("NFD", "зелёный трамвай"), "зелёный трамвай"),
    "PW-07 blanks around": (" slow trams ", " slow trams "),
}

OTHER = {
    "PW-07 trimmed": (" slow trams ", "slow trams"),
    "PW-07 blank added": ("slow trams", "slow trams "),
    "PW-09 other case": ("Slow Trams", "slow trams"),
    "PW-05 prefix before a NUL": ("slow trams", "slow trams\0"),
    "PW-05 more after a NUL": ("slow trams", "slow trams\0and more"),
    "PW-02 one emoji less": (EMOJI, EMOJI[:-1]),
    "PW-01 cut at 72 bytes": ("slow trams 7 " * 7, ("slow trams 7 " * 7)[:72]),
    "accents are letters": ("sm\u00c5 katter", "smA katter"),
    "look-alikes are other letters": ("slow trams", "slоw trams"),
}


@pytest.mark.parametrize(("chosen", "typed"), SAME.values(), ids=SAME.keys())
async def test_the_same_password_opens_however_it_is_typed(
    chosen: str, typed: str, service: Service, viewer: Viewer
) -> None:
    await register(service, EMAIL, chosen)

    assert (await viewer.login(EMAIL, typed)).status == 200


async def test_another_password_does_not_open(service: Service, viewer: Viewer) -> None:
    """PW-01, PW-02, PW-05, PW-07, PW-09: nothing is trimmed, folded or cut."""
    statuses = {}
    for number, (name, (chosen, typed)) in enumerate(OTHER.items()):
        email = f"viewer{number}@example.ru"
        await register(service, email, chosen)
        statuses[name] = ((await viewer.login(email, typed)).status, (await viewer.login(email, chosen)).status)

    assert statuses == dict.fromkeys(OTHER, (401, 200))


WRONG_KINDS: list[Any] = [["a", "b"], {"$ne": ""}, 12345678, 1.5, True, False, None]


@pytest.mark.parametrize("path", ["/login", "/register"])
async def test_only_text_is_a_password(path: str, service: Service, viewer: Viewer) -> None:
    """PW-19: never a match by coercion."""
    await register(service, EMAIL, "12345678 trams")

    answers = [await viewer.post(path, {"email": EMAIL, "password": value}) for value in WRONG_KINDS]

    assert {(answer.status, answer.code) for answer in answers} == {(422, "validation-failed")}
    assert {answer.json["errors"][0]["pointer"] for answer in answers} == {"/password"}


async def test_two_passwords_in_one_request_are_refused(service: Service, viewer: Viewer) -> None:
    """PW-19: not "the last one wins"."""
    await register(service, EMAIL, "slow trams")
    body = f'{{"email":"{EMAIL}","password":"wrong","password":"slow trams"}}'

    answer = await viewer.post("/login", data=body, headers={"Content-Type": "application/json"})

    assert (answer.status, answer.code) == (400, "malformed-request")


@pytest.mark.parametrize("path", ["/login", "/register"])
async def test_a_huge_password_is_refused_before_it_is_hashed(path: str, service: Service, viewer: Viewer) -> None:
    """PW-03: no account, no history line, and the same answer as for any body of that size."""
    json = {"Content-Type": "application/json"}
    bodies = [b'{"email":"anna@example.ru","password":"%b"}' % (b"a" * size) for size in (1025, 60_000, 70_000, 10**7)]

    answers = [await viewer.post(path, data=BytesIO(body), headers=json) for body in bodies]

    assert [answer.status for answer in answers] == [422, 422, 413, 413]
    assert [await service.count(table) for table in ("users", "login_history", "outbox")] == [0, 0, 0]


async def test_a_refused_password_is_not_repeated_and_nothing_is_written(service: Service, viewer: Viewer) -> None:
    """IN-14, PW-10: the reason is told at its place."""
    passwords = ["qwertyuiop", "anna@example.ru", "аннапетрова", "abc\0defgh", "1234567"]

    answers = [
        await viewer.post("/register", {"email": EMAIL, "password": password, "name": "Анна Петрова"})
        for password in passwords
    ]

    assert {(answer.status, answer.code) for answer in answers} == {(422, "invalid-input")}
    assert {answer.json["errors"][0]["pointer"] for answer in answers} == {"/password"}
    assert not any(password in answer.text for password, answer in zip(passwords, answers, strict=True))
    assert await execute(service, "SELECT 1 FROM users") == []
