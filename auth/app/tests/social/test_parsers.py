"""Parsers of outside data against whatever can be sent: they read it, or refuse it with their one error."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.accounts.email_address import MAX_LENGTH, find_email
from app.errors import AppError
from app.sessions.jws import MAX_BYTES, TokenInvalid, parse_json_object, read_header
from app.social.callback import ProviderReturn, check_form, read_code
from app.social.catalogue import KNOWN
from app.social.errors import CallbackMalformed, LoginDenied
from app.social.handover import is_code_challenge
from app.social.oauth2 import code_challenge
from app.social.provider import ProfileRefused, domain_of, read_https_url, read_subject, read_text
from emulator.names import PROVIDERS, Provider

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
MAYBE = st.none() | st.text(alphabet=st.sampled_from("ab \r\n\x00\x7fé%&=<"), max_size=6) | st.just("A" * 43)


@given(value=ANYTHING | st.text(alphabet="0 1\t\né", max_size=4))
@example(value=0)
@example(value=True)
@example(value="0" * 300)
@example(value=10**255)
@example(value=10**254)
def test_pr_01_a_subject_is_a_short_visible_text_that_names_somebody(value: Any) -> None:
    try:
        subject = read_subject(value)
    except ProfileRefused:
        assert isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**255
        return

    assert subject == str(value)
    assert 0 < len(subject) <= 255
    assert all(33 <= ord(sign) <= 126 for sign in subject)
    assert subject.strip("0")


@given(number=st.integers(min_value=1, max_value=10**255 - 1))
def test_vk_7_a_number_and_its_digits_are_one_subject(number: int) -> None:
    assert read_subject(number) == read_subject(str(number))


@given(document=st.dictionaries(st.text(), ANYTHING, max_size=5))
def test_every_json_object_is_read_as_it_was_written(document: dict[str, Any]) -> None:
    try:
        raw = json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # a lone surrogate has no bytes; escaped it may come
        raw = json.dumps(document).encode()

    assert parse_json_object(raw) == document


@given(raw=st.binary(max_size=200) | st.text(alphabet='{}[]":,0123aeNull\\u', max_size=30).map(str.encode))
@example(raw=b'{"a":1,"a":2}')
@example(raw=b'{"a":{"b":1,"b":1}}')
@example(raw=b'{"a":NaN}')
@example(raw=b'{"a":-Infinity}')
@example(raw=b'\xef\xbb\xbf{"a":1}')
@example(raw=b'{"a":1}\x00')
@example(raw=b'{"a":1}{"a":1}')
@example(raw=b"[" * 100_000)
@example(raw=b'{"a":' + b"9" * 5000 + b"}")
def test_id_32_other_bytes_are_one_error_or_an_object_without_doubles(raw: bytes) -> None:
    try:
        document = parse_json_object(raw)
    except TokenInvalid:
        return

    assert isinstance(document, dict)
    assert raw.count(b'"') >= 2 * len(document)


@pytest.mark.parametrize("raw", [b'{"a":1,"a":2}', b'{"a":{"b":1,"b":1}}', b'{"a":NaN}', b"\xef\xbb\xbf{}", b"[]", b""])
def test_id_32_two_readings_are_none(raw: bytes) -> None:
    with pytest.raises(TokenInvalid):
        parse_json_object(raw)


@given(token=st.text(max_size=80) | st.text(alphabet="eyJ.-_A0=", max_size=40))
def test_id_33_a_text_is_a_header_or_one_error(token: str) -> None:
    try:
        header = read_header(token)
    except TokenInvalid:
        return

    assert token.count(".") == 2
    assert set(header) <= {"alg", "kid", "typ"}


@given(header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "b64", "x"]), ANYTHING, max_size=4))
def test_id_19_id_20_a_header_has_three_members_of_known_kinds_and_no_more(header: dict[str, Any]) -> None:
    part = urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    try:
        read = read_header(f"{part}.AAAA.AAAA")
    except TokenInvalid:
        return

    assert read == header
    assert set(read) <= {"alg", "kid", "typ"}
    assert isinstance(read["alg"], str)
    assert isinstance(read.get("kid", ""), str)


def test_id_33_a_token_beyond_the_bound_is_not_decoded() -> None:
    with pytest.raises(TokenInvalid):
        read_header("A" * MAX_BYTES + ".AAAA.AAAA")


@pytest.mark.parametrize("social", PROVIDERS)
@given(code=MAYBE, state=MAYBE, error=MAYBE, issuer=MAYBE, device=MAYBE)
def test_oa_13_a_callback_has_a_state_and_either_a_code_or_an_error(
    social: Provider, code: str | None, state: str | None, error: str | None, issuer: str | None, device: str | None
) -> None:
    provider = KNOWN[social]
    extra = {} if device is None else {"device_id": device}
    answer = ProviderReturn(code=code, state=state, error=error, issuer=issuer, extra=extra)
    try:
        check_form(provider, answer)
    except CallbackMalformed:
        return
    except LoginDenied:
        assert error
        assert not state
        assert not code
        return

    assert state
    assert (code is None) != (error is None)
    if code is None:
        with pytest.raises(AppError):
            read_code(provider, answer)
    else:
        callback = read_code(provider, answer)
        assert callback.code.isascii()
        assert callback.code.isprintable()
        assert set(callback.extra) == set(provider.callback_params)
        assert not {"\r", "\n", "\x00", "\x7f"} & set("".join(callback.extra.values()))


@given(local=st.text(alphabet="ab.+ \t@<>\"'", min_size=1, max_size=8), pad=st.integers(0, 300), domain=st.sampled_from(
    ["yandex.ru", "gmail.com", "mail.ru", "evil.example", "YANDEX.ru", "ya.ru.", "яндекс.рф"]))  # fmt: skip
@example(local="victim@corp.example", pad=260, domain="yandex.ru")
@example(local="a@b@c", pad=0, domain="gmail.com")
def test_lk_02_the_domain_that_is_judged_is_the_domain_that_is_linked(local: str, pad: int, domain: str) -> None:
    """Whoever proves `yandex.ru` must not come out as somebody at another domain."""
    told = f"{local}{' ' * pad}@{domain}"
    found = find_email(told)
    judged = domain_of(told)

    if found is not None and judged.isascii():
        assert found.key.rpartition("@")[2] == judged.rstrip(".")
        assert len(found.display) <= MAX_LENGTH


@given(text=st.text(max_size=300))
def test_an_address_told_by_a_provider_is_one_or_none(text: str) -> None:
    for told in (text, f"{text}@yandex.ru", f"v@{text}", f"v@{text}.ru"):
        found = find_email(told)
        if found is not None:
            assert found.key == found.key.lower()
            assert len(found.key) <= MAX_LENGTH


@given(value=ANYTHING)
def test_pr_10_a_picture_is_plain_https_or_nothing(value: Any) -> None:
    for told in (value, f"https://{value}"):
        address = read_https_url(told)
        if address is not None:
            assert address.startswith("https://")
            assert len(address) <= 2048
            assert not set(address) & set(" \r\n\t\"'<>\\")


@given(value=ANYTHING)
def test_a_text_is_not_empty(value: Any) -> None:
    text = read_text(value)

    assert text is None or (text and text == text.strip())


@given(verifier=st.text(alphabet="abcXYZ019-._~", min_size=43, max_size=128))
def test_every_challenge_that_we_make_has_the_form_that_we_ask_for(verifier: str) -> None:
    assert is_code_challenge(code_challenge(verifier))
