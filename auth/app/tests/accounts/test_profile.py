"""The own profile: what it shows, what may be changed, and what a name may be."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.names import MAX_LENGTH, clean_name, parse_name
from app.errors import InvalidInput
from app.tests.support.people import block, execute
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Viewer

NAMES = {
    "Russian": ("Анна-Мария", "Анна-Мария"),
    "emoji in several signs": ("👩‍👩‍👧 семья", "👩‍👩‍👧 семья"),
    "blanks around": ("  Анна  ", "Анна"),
    "decomposed": ("Андреи\u0306", "Андрей"),
    "markup is text": ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    "SQL is text": ("Robert'); DROP TABLE users;--", "Robert'); DROP TABLE users;--"),
    "a hundred": ("я" * 100, "я" * 100),
    "right to left": ("אנה", "אנה"),
}

REFUSED_NAMES = ["", "   ", "я" * 101, "a\0b", "a\nb", "a\r\nBcc: b", "a\x1b[31mb", "a\x7fb", "a\ue000b", "a\uffffb"]


@pytest.mark.parametrize(("typed", "shown"), NAMES.values(), ids=NAMES.keys())
def test_a_name_is_kept_as_people_write_it(typed: str, shown: str) -> None:
    assert parse_name(typed) == shown


@pytest.mark.parametrize("typed", REFUSED_NAMES, ids=ascii)
def test_a_name_that_cannot_be_shown_is_refused(typed: str) -> None:
    """IN-07, IN-12."""
    with pytest.raises(InvalidInput):
        parse_name(typed)


@given(st.text(max_size=500))
def test_a_cleaned_name_is_one_that_could_have_been_typed(text: str) -> None:
    """Providers tell any text; what is stored of it obeys the same rule, and fits its column."""
    name = clean_name(text)

    if name is not None:
        assert len(name) <= MAX_LENGTH
        assert parse_name(name) == unicodedata.normalize("NFC", name)


async def test_the_profile_can_be_changed_in_parts(anna: Viewer) -> None:
    named = await anna.call("PATCH", "/me", json={"name": " Анна Петрова "})
    in_english = await anna.call("PATCH", "/me", json={"locale": "en"})
    unchanged = await anna.call("PATCH", "/me", json={})
    nameless = await anna.call("PATCH", "/me", json={"name": None})

    assert [answer.status for answer in (named, in_english, unchanged, nameless)] == [200] * 4
    assert (named.json["name"], named.json["locale"]) == ("Анна Петрова", "ru")
    assert (unchanged.json["name"], unchanged.json["locale"]) == ("Анна Петрова", "en")
    assert nameless.json["name"] is None
    assert (await anna.get("/me")).json == nameless.json


async def test_only_name_and_language_can_be_changed(service: Service, anna: Viewer) -> None:
    """AZ-03: mass assignment of roles, address or state is ignored."""
    before = (await anna.get("/me")).json
    body = {
        "email": "eve@example.ru",
        "email_confirmed": False,
        "roles": ["superuser"],
        "id": "0",
        "has_password": False,
    }

    answer = await anna.call("PATCH", "/me", json=body)

    assert answer.json == before
    assert (await anna.login("anna@example.ru")).status == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "a\u0000"}, "/name"),
        ({"name": 7}, "/name"),
        ({"locale": "de"}, "/locale"),
        ({"locale": None}, "/locale"),
    ],
    ids=str,
)
async def test_a_change_that_is_refused_changes_nothing(body: dict[str, object], pointer: str, anna: Viewer) -> None:
    before = (await anna.get("/me")).json

    answer = await anna.call("PATCH", "/me", json=body)

    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert (await anna.get("/me")).json == before


async def test_the_profile_is_never_cached(anna: Viewer) -> None:
    answers = [await anna.get("/me"), await anna.call("PATCH", "/me", json={})]

    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


async def test_a_blocked_person_gets_no_new_session(service: Service, viewer: Viewer, anna: Viewer) -> None:
    """SE-11: told only after the right password."""
    await block(service, "anna@example.ru")

    right = await viewer.login("anna@example.ru")
    wrong = await viewer.login("anna@example.ru", "not the right one")

    assert (right.status, right.code) == (403, "account-blocked")
    assert (wrong.status, wrong.code) == (401, "invalid-credentials")
    outcomes = [row["outcome"] for row in await execute(service, "SELECT outcome FROM login_history ORDER BY id")]
    assert outcomes == ["succeeded", "account-blocked", "wrong-password"]


async def test_a_sign_in_is_written_into_the_history(service: Service, viewer: Viewer, anna: Viewer) -> None:
    """HI-01: time, method, address, device and session; the device without control characters, cut."""
    agent = "Television\t" + "x" * 1000

    await viewer.post("/login", {"email": "anna@example.ru", "password": PASSWORD}, headers={"User-Agent": agent})

    newest = (await execute(service, "SELECT * FROM login_history ORDER BY id DESC"))[0]
    assert (newest["outcome"], newest["method"], newest["social"]) == ("succeeded", "password", None)
    assert (newest["address"], newest["session_id"] is None) == ("127.0.0.1", False)
    assert newest["user_agent"] == ("Television" + "x" * 1000)[:512]
