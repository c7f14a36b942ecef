"""What the Auth service, or whoever stands in its place, may answer, and what is then asked again."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey

from app.tests.support.tokens import sign, signer
from app.tests.verifier.answering import Answering, Reply, answering
from app.tests.verifier.checking import opens
from cinema_auth import Unavailable, Verifier
from cinema_auth.keys import max_age, parse_key_set
from cinema_auth.revoked import parse_page
from cinema_auth.source import FEED_PATH, KEYS_PATH

NOW = 1_800_000_000.0
PRIVATE = OKPKey.generate_key("Ed25519")
JWK = {**PRIVATE.as_dict(private=False), "kid": "k1", "alg": "EdDSA", "use": "sig"}
SESSION = "01997b2e-7c1f-7d54-b1f4-5a3c5d0b7e12"
PAGE: dict[str, Any] = {"items": [], "cursor": "c", "more": False, "key_ids": ["k1"]}


def as_json(value: object) -> Reply:
    return Reply(body=json.dumps(value).encode())


class Time:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering(keys=as_json({"keys": [JWK]}), feed=as_json(PAGE)) as running:
        yield running


@pytest.fixture
def asking(server: Answering, time: Time) -> Verifier:
    """One that has asked once."""
    verifier = server.verifier(clock=time, monotonic=time)
    verifier.refresh()
    return verifier


def token(server: Answering, time: Time, **header: str) -> str:
    claims = {
        "iss": server.url,
        "aud": "cinema",
        "sub": SESSION,
        "sid": SESSION,
        "jti": "1",
        "iat": int(time.now),
        "exp": int(time.now) + 300,
        "roles": [],
    }
    return sign({"alg": "EdDSA", "kid": "k1", "typ": "at+jwt", **header}, claims, signer(PRIVATE, "EdDSA"))


def refused(verifier: Verifier) -> str:
    with pytest.raises(Unavailable) as refusal:
        verifier.refresh()
    return str(refusal.value)


def test_what_is_asked_of_whom(server: Answering, asking: Verifier, time: Time) -> None:
    """The credentials go to the feed alone; the next question goes on where the answer ended."""
    asking.refresh()

    assert [path for path, _ in server.asked] == [KEYS_PATH, FEED_PATH, f"{FEED_PATH}?after=c"]
    assert [headers.get("Authorization") for _, headers in server.asked] == [
        None,
        *["Basic cGxheWVyOnRoZS1zZWNyZXQ="] * 2,
    ]
    assert opens(asking, token(server, time))


def test_many_unknown_keys_cost_one_question_in_half_a_minute(server: Answering, asking: Verifier, time: Time) -> None:
    """ID-25: and known keys keep working."""
    counts = []
    for seconds in (31, 1, 1, 1, 28):
        time.now += seconds
        opened = [opens(asking, token(server, time, kid=f"k{number}")) for number in range(2, 200)]
        asking.refresh()
        counts.append(server.count(KEYS_PATH))
        assert not any(opened)
        assert opens(asking, token(server, time))

    assert counts == [2, 2, 2, 2, 3]


def test_the_keys_are_asked_for_again_when_they_have_grown_old(server: Answering, asking: Verifier, time: Time) -> None:
    server.replies[KEYS_PATH].headers = {"Cache-Control": "public, max-age=60"}
    counts = []
    for seconds in (299, 1, 59, 1):
        time.now += seconds
        asking.refresh()
        counts.append(server.count(KEYS_PATH))

    assert counts == [1, 2, 2, 3]


def test_a_withdrawn_key_opens_nothing_at_the_next_look(server: Answering, asking: Verifier, time: Time) -> None:
    """Long before the set has grown old, and though the set is from a process that is a second behind."""
    good = token(server, time)
    before = opens(asking, good)
    server.replies[FEED_PATH] = as_json({**PAGE, "key_ids": ["k2"]})
    asking.refresh()

    assert (before, opens(asking, good)) == (True, False)


def test_a_new_key_is_asked_for_at_once(server: Answering, asking: Verifier, time: Time) -> None:
    server.replies[KEYS_PATH] = as_json({"keys": [JWK, {**JWK, "kid": "k2"}]})
    server.replies[FEED_PATH] = as_json({**PAGE, "key_ids": ["k1", "k2"]})
    time.now += 2
    asking.refresh()

    assert opens(asking, token(server, time, kid="k2"))
    assert server.count(KEYS_PATH) == 2


BAD_KEYS = {
    "no JSON": Reply(body=b"<html>"),
    "a list": as_json([JWK]),
    "no keys": as_json({"keys": []}),
    "a name twice": as_json({"keys": [JWK, JWK]}),
    "only a secret": as_json({"keys": [{**OctKey.generate_key(256).as_dict(), "kid": "k1"}]}),
    "only for encryption": as_json({"keys": [{**JWK, "use": "enc"}]}),
    "another algorithm": as_json({"keys": [{**JWK, "alg": "HS256"}]}),
    "kinds of keys that are no text": as_json({"keys": [{**JWK, "kty": ["OKP"]}, 1, None]}),
    "a broken key": as_json({"keys": [{**JWK, "x": "AAAA"}]}),
    "a short RSA key": as_json({"keys": [{"kty": "RSA", "n": "w" * 171, "e": "AQAB", "kid": "k1"}]}),
    "an elliptic curve": as_json({"keys": [{**ECKey.generate_key("P-256").as_dict(private=False), "kid": "k1"}]}),
    "too long": Reply(body=b"[" + b" " * 70_000),
    "cut short": Reply(body=b'{"keys": []}', headers={"Content-Length": "100"}),
    "elsewhere": Reply(status=302, headers={"Location": "/elsewhere"}),
    "not there": Reply(status=404),
    "broken": Reply(status=500),
}
BAD_PAGES = {
    "no JSON": Reply(body=b"<html>"),
    "null": as_json(None),
    "no cursor": as_json({**PAGE, "cursor": None}),
    "a long cursor": as_json({**PAGE, "cursor": "c" * 513}),
    "more of something": as_json({**PAGE, "more": 1}),
    "no key ids": as_json({**PAGE, "key_ids": []}),
    "key ids as text": as_json({**PAGE, "key_ids": "k1"}),
    "an item that is none": as_json({**PAGE, "items": [None]}),
    "a session that is none": as_json({**PAGE, "items": [{"sid": "x"}]}),
    "nested too deep": Reply(body=b"[" * 100_000),
    "too long": Reply(body=b"[" + b" " * 5_000_000),
    "cut short": Reply(body=json.dumps(PAGE).encode(), headers={"Content-Length": "1000"}),
    "elsewhere": Reply(status=307, headers={"Location": "/elsewhere"}),
    "refused": Reply(status=401),
    "away": Reply(status=503),
}


@pytest.mark.parametrize("name", BAD_KEYS)
def test_keys_that_cannot_be_used_leave_those_of_before(
    name: str, server: Answering, asking: Verifier, time: Time
) -> None:
    server.replies[KEYS_PATH] = BAD_KEYS[name]
    time.now += 301
    refused(asking)

    assert opens(asking, token(server, time))
    assert asking.revocations_age is not None
    assert asking.revocations_age.total_seconds() == 0  # the feed was asked all the same
    assert server.count("/elsewhere") == 0


@pytest.mark.parametrize("name", BAD_PAGES)
def test_a_feed_that_cannot_be_read_leaves_what_was_known(
    name: str, server: Answering, asking: Verifier, time: Time
) -> None:
    server.replies[FEED_PATH] = as_json({**PAGE, "items": [{"sid": SESSION}]})
    asking.refresh()
    server.replies[FEED_PATH] = BAD_PAGES[name]
    time.now += 1
    refused(asking)

    assert not opens(asking, token(server, time))
    assert asking.revocations_age is not None
    assert asking.revocations_age.total_seconds() == 1
    assert server.count("/elsewhere") == 0


def test_pages_are_read_to_the_last(server: Answering, asking: Verifier, time: Time) -> None:
    """Until then the age tells the truth: not everything is known."""
    server.replies[FEED_PATH] = as_json({**PAGE, "more": True})
    time.now += 1
    refused(asking)

    assert asking.revocations_age is not None
    assert asking.revocations_age.total_seconds() == 1


def test_a_cursor_that_is_no_more_understood_is_given_up(server: Answering, asking: Verifier) -> None:
    server.replies[FEED_PATH] = Reply(status=422)
    refused(asking)
    server.replies[FEED_PATH] = as_json(PAGE)
    asking.refresh()

    assert [path for path, _ in server.asked][-2:] == [f"{FEED_PATH}?after=c", FEED_PATH]


@pytest.mark.parametrize(
    "url",
    [
        "http://id.cinema.example",
        "http://10.0.0.1",
        "http://localhost.evil.example",
        "https://id.cinema.example/",
        "https://id.cinema.example/auth",
        "https://user:password@id.cinema.example",
        "https://id.cinema.example?x",
        "ftp://localhost",
        "id.cinema.example",
        "",
    ],
)
def test_an_address_that_cannot_be_trusted_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"address|https|credentials"):
        Verifier(url, client_id="a", client_secret="b")
    with pytest.raises(ValueError, match=r"address|https|credentials"):
        Verifier("https://id.cinema.example", base_url=url or "x", client_id="a", client_secret="b")


@pytest.mark.parametrize("url", ["https://id.cinema.example", "http://localhost:8000", "http://[::1]:8000"])
def test_an_address_over_tls_or_of_this_machine_is_taken(url: str) -> None:
    Verifier(url, client_id="a", client_secret="b")


def test_the_secret_is_nowhere_to_be_read(
    server: Answering, asking: Verifier, caplog: pytest.LogCaptureFixture
) -> None:
    server.replies = {}
    with caplog.at_level(logging.DEBUG):
        asking._polling.do()

    written = repr(asking) + caplog.text + refused(asking)
    assert "the Auth service answered 404" in caplog.text
    assert not any(secret in written for secret in ("the-secret", "cGxheWVyOnRoZS1zZWNyZXQ="))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("public, max-age=300", 300), ("max-age=5,public", 5), ("", 300), ("max-age=99999", 900), ("s-max-age=1", 300)],
)
def test_the_age_of_keys_is_bounded(header: str, seconds: float) -> None:
    assert max_age(header) == seconds


def test_a_key_that_has_not_changed_stays_the_same_object() -> None:
    """Tokens that were found good under it need not be checked again."""
    raw = json.dumps({"keys": [JWK]}).encode()
    known = parse_key_set(raw)

    assert parse_key_set(raw, known).usable["k1"] is known.usable["k1"]
    assert parse_page(json.dumps(PAGE).encode()).session_ids == []
