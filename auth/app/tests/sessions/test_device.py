"""What a user agent says, in words for people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sessions.device import describe_device, device_kind

APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
GOOGLE = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {GOOGLE} Chrome/124.0.0.0 Safari/537.36", "Chrome, Windows"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {GOOGLE} Chrome/124.0.0.0 Mobile Safari/537.36", "Chrome, Android"),
        (
            f"Mozilla/5.0 (Windows NT 10.0) {GOOGLE} Chrome/124.0.0.0 YaBrowser/24.4.1.88 Safari/537.36",
            "Yandex Browser, Windows",
        ),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) {APPLE} Version/17.4 Mobile/15E148 Safari/604.1",
         "Safari, iOS"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/17.4 Safari/605.1.15", "Safari, macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0", "Firefox, Linux"),
        (f"Mozilla/5.0 (Web0S; Linux/SmartTV) {GOOGLE} Chrome/94.0 Safari/537.36 WebAppManager", "Chrome, webOS"),
        ("CinemaApp/512 CFNetwork/1490.0.4 Darwin/23.2.0", "CinemaApp, iOS"),
        ("Dalvik/2.1.0 (Linux; U; Android 13; MiBOX4 Build/TTT)", "Android"),
        ("curl/8.5.0", "curl"),
        ("", ""),
        ("something else", ""),
    ],
)  # fmt: skip
def test_program_and_system_are_named(user_agent: str, words: str) -> None:
    assert describe_device(user_agent) == words


@given(st.text(max_size=512))
def test_whatever_is_sent_few_letters_come_of_it(user_agent: str) -> None:
    """EM-10."""
    for text in (user_agent, f"{user_agent}/1.0 CFNetwork/1 Darwin/2"):
        words = describe_device(text)

        assert len(words) <= 50
        assert all(sign.isascii() and (sign.isalpha() or sign in " ,+-") for sign in words)


def test_versions_of_one_program_are_of_one_kind() -> None:
    old, new = ("Mozilla/5.0 (Windows NT 10.0) Chrome/99.0.1", "Mozilla/5.0 (Windows NT 10.0) Chrome/124.0.0.0")

    assert device_kind(old) == device_kind(new) != device_kind(new.replace("Windows NT", "Android"))
