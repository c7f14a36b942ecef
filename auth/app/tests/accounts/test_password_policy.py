"""Which passwords are refused, by which reason; and that kinds of characters are no reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.hashing import normalise
from app.accounts.password_policy import _common_passwords, check_password, find_weakness
from app.errors import InvalidInput

ABOUT = ("anna.petrova@example.ru", "Анна Петрова")

ACCEPTED = {
    "PW-01 the shortest": "four 7 q",
    "PW-01 64": "four slow green trams " * 2 + "and twenty more signs",
    "PW-01 128": "".join(chr(97 + n * n % 23) for n in range(128)),
    "PW-01 256": "".join(chr(97 + n * n % 23) for n in range(256)),
    "PW-01 1024": "".join(chr(97 + n * n % 23) for n in range(1024)),
    "PW-02 64 emoji": "😀🐈🚋🍎" * 16,
    "PW-06 lower case only": "trolleybusdepot",
    "PW-06 digits only": "8301947265",
    "PW-06 blanks inside": "a b c d e f g h",
    "PW-06 Cyrillic only": "медленныйтрамвай",
    "PW-06 emoji only": "🐈🚋🍎🎬🍿🎧📺🎟",
    "PW-06 Chinese": "看電影是我最喜歡的事",
    "PW-07 blanks around": "  slow trams  ",
    "a word of the address in a long sentence": "anna has seven quiet blue boats",
    "the service's word in a long sentence": "the cinema has four green doors",
}

REFUSED = {
    "PW-01 too short": ("a1b2c3d", "shorter"),
    "PW-01 empty": ("", "shorter"),
    "PW-01 short in many bytes": ("😀🐈🚋🍎🎬🍿🎧", "shorter"),
    "PW-01 too long": ("ab1" * 342, "longer"),
    "PW-05 NUL inside": ("abc\0defgh", "cannot be typed"),
    "PW-05 half a character": ("abcdefgh\ud800", "cannot be typed"),
    "PW-10 common": ("password1", "common"),
    "PW-10 common in capitals": ("PaSsWoRd1", "common"),
    "PW-10 common, Russian": ("йцукенгш", "common|sequence"),
    "PW-10 common in full width": ("ｐａｓｓｗｏｒｄ１", "common"),
    "PW-10 keyboard row": ("qwertyuiop", "common|sequence"),
    "PW-10 keyboard row backwards": ("poiuytrewq", "common|sequence"),
    "PW-10 keyboard columns": ("1qaz2wsx3edc", "common|sequence"),
    "PW-10 counting": ("0123456789", "common|sequence"),
    "PW-10 counting down": ("9876543210", "common|sequence"),
    "PW-10 one letter": ("aaaaaaaaaaaaaaa", "common|repetition"),
    "PW-10 three letters": ("abcabcabcabc", "common|repetition"),
    "PW-10 four letters, cut": ("abcdabcdab", "common|repetition"),
    "PW-10 own address": ("anna.petrova@example.ru", "made of"),
    "PW-10 own address in capitals": ("ANNA.PETROVA", "made of"),
    "PW-10 own address and a year": ("anna.petrova26", "made of"),
    "PW-10 own name": ("аннапетрова", "made of"),
    "PW-10 own surname and digits": ("Петрова123", "made of"),
    "PW-11 the service": ("cinema2026", "made of|common"),
    "PW-11 the service in Russian": ("кинотеатр1", "made of"),
    "PW-11 the word itself": ("!password!", "made of"),
}


@pytest.mark.parametrize("password", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_password_that_is_long_and_uncommon_is_accepted(password: str) -> None:
    """PW-06: there is no rule about kinds of characters."""
    assert find_weakness(password, about=ABOUT) is None


@pytest.mark.parametrize(("password", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_a_weak_password_is_refused_with_a_reason_that_does_not_repeat_it(password: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_password(password, about=ABOUT)

    [error] = refusal.value.extra["errors"]
    assert error["pointer"] == "/password"
    assert any(each in error["detail"] for each in reason.split("|")), error["detail"]
    assert not password or password not in str(refusal.value.extra)


def test_the_blocklist_is_bundled_and_holds_the_most_common() -> None:
    """PW-10: at least 3,000 that meet the length; works without internet."""
    usable = [password for password in _common_passwords() if len(password) >= 8]

    assert len(usable) >= 3000
    assert all(find_weakness(variant) for password in usable[:300] for variant in (password, password.upper()))


@given(st.text(max_size=60), st.text(max_size=30))
def test_any_text_is_judged_and_never_crashes(password: str, about: str) -> None:
    """IN-07."""
    weakness = find_weakness(password, about=[about])

    assert weakness is None or len(weakness) < 100
    assert len(password) >= 8 or weakness is not None


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_normalising_twice_is_normalising_once(password: str) -> None:
    """PW-08."""
    once = normalise(password)

    assert normalise(once.decode()) == once


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_nothing_is_trimmed_folded_or_cut(password: str) -> None:
    """PW-05, PW-07, PW-09: a blank or a character more is another password."""
    assert normalise(password + " ") != normalise(password) != normalise(" " + password)
    assert normalise(password + "\0x") != normalise(password)
    assert normalise("A" + password) != normalise("a" + password)
