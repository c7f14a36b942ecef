"""ID tokens whose signature or header is not what the provider's keys make (RFC 7515, RFC 8725)."""

import json
from base64 import urlsafe_b64encode
from typing import Any, get_args

import pytest

from app.tests.social.problems import assert_refused
from app.tests.social.scene import Scene
from emulator import Effect, faults
from emulator.effects import Signature

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _header(name: str, *values: Any) -> dict[str, Effect]:
    return {f"{name}={value!r:.40}": faults.id_token(header={name: value}) for value in values}


def _part(document: object) -> str:
    return urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


JWE_BOMB = ".".join([_part({"alg": "RSA-OAEP", "enc": "A128GCM", "zip": "DEF"}), "AAAA", "AAAA", "AAAA" * 1000, "AAAA"])

FORGED: dict[str, Effect] = {
    **{f"ID-15 ID-16 ID-17 {kind}": faults.id_token(signature=kind) for kind in get_args(Signature) if kind != "RS256"},
    "ID-15 alg None": faults.id_token(signature="none", header={"alg": "None"}),
    "ID-15 alg NONE": faults.id_token(signature="none", header={"alg": "NONE"}),
    "ID-15 alg in lower case": faults.id_token(header={"alg": "rs256"}),
    "ID-15 no alg": faults.id_token(remove_header=["alg"]),
    **{f"ID-17 {name}": effect for name, effect in _header("alg", "PS256", "ES256", "HS256", "", None, []).items()},
    **{f"ID-18 {name}": effect for name, effect in _header("jwk", {"kty": "oct", "k": "AA"}).items()},
    **{f"ID-18 {name}": effect for name, effect in _header("jku", "https://evil.example/jwks").items()},
    **{f"ID-18 {name}": effect for name, effect in _header("x5u", "https://evil.example/x5u").items()},
    **{f"ID-18 {name}": effect for name, effect in _header("x5c", ["AAAA"]).items()},
    **{f"ID-19 {name}": effect for name, effect in _header("crit", ["x"], [], ["b64"]).items()},
    **{f"ID-19 {name}": effect for name, effect in _header("b64", False, True).items()},
    **{
        f"ID-20 {name}": effect
        for name, effect in _header(
            "kid",
            "../../dev/null",
            "' OR 1=1--",
            "",
            "\u0000",
            "k" * 100_000,
            "k" * 9000,
            1,
            ["k"],
            {},
            None,
        ).items()
    },
    **{
        f"ID-30 {name}": effect
        for name, effect in _header("typ", "at+jwt", "logout+jwt", "rt+jwt", "userinfo+jwt", "", None, 1).items()
    },
    "ID-21 no kid with several keys": faults.id_token(remove_header=["kid"]),
    "ID-33 JWE bomb": faults.raw_id_token(JWE_BOMB),
    "ID-33 huge header": faults.raw_id_token("A" * 60_000 + ".AAAA.AAAA"),
    "ID-33 beyond what is read": faults.raw_id_token("A" * 10_000_000),
    "ID-33 huge signature": faults.raw_id_token(f"{_part({'alg': 'RS256'})}.AAAA." + "A" * 50_000),
    "header is a list": faults.raw_id_token(f"{_part(['RS256'])}.AAAA.AAAA"),
    "header twice": faults.raw_id_token(
        urlsafe_b64encode(b'{"alg":"none","alg":"RS256"}').rstrip(b"=").decode() + ".AAAA.AAAA"
    ),
    "padding": faults.raw_id_token("e30=.e30=.AAAA"),
    "white space": faults.raw_id_token(" e30.e30.AAAA\n"),
    "JSON serialisation": faults.raw_id_token('{"payload":"e30","signatures":[]}'),
}


@pytest.mark.parametrize("forgery", FORGED.values(), ids=FORGED)
async def test_a_forged_token_signs_nobody_in(forgery: Effect, shared: Scene) -> None:
    shared.arrives("google")
    async with shared.browser() as somebody:
        assert (await somebody.sign_in_with("google")).status == 200  # the keys are at hand
    shared.arrives("google")
    shared.emulator.clear_requests()
    shared.emulator.fault("google", "token", forgery)

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with("google")

    assert_refused(answer, "provider-answer-invalid")
    assert shared.emulator.requests("google", "profile") == []
    assert len(shared.emulator.requests("google", "jwks")) <= 1  # ID-20


async def test_id_30_our_own_access_token_is_no_id_token(shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser:
        await browser.sign_in_with("yandex")
        shared.arrives("google")
        shared.emulator.fault("google", "token", faults.raw_id_token(browser.access_token))
        async with shared.nothing_written():
            answer = await browser.sign_in_with("google")

    assert_refused(answer, "provider-answer-invalid")
