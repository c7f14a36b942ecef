"""Rightly signed tokens whose claims or spelling are wrong; what a token says of its holder."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from app.sessions.keys import KeyUse
from app.tests.support.clock import ManualClock
from app.tests.support.people import signed_in
from app.tests.support.raw import request, send_raw
from app.tests.support.service import Service, serving
from app.tests.support.tokens import claims_of, encode, header_of, sign, signer, signing_key
from app.tests.support.viewer import Viewer

LEEWAY_SECONDS = 10


def wrong_claims(now: int, claims: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Claims by what is wrong with them; `...` leaves one out."""
    return {
        "JW-08 just expired": {"exp": now - LEEWAY_SECONDS, "iat": now - 300},
        "JW-08 exp is text": {"exp": str(now + 300)},
        "JW-08 exp is a fraction": {"exp": now + 300.5},
        "JW-08 exp is beyond the calendar": {"exp": 10**18},
        "JW-08 exp overflows a float": {"exp": 10**400},
        "JW-08 exp is negative": {"exp": -1},
        "JW-08 exp is true": {"exp": True},
        "JW-08 exp is null": {"exp": None},
        "JW-08 exp is a list": {"exp": [now + 300]},
        "JW-08 no exp": {"exp": ...},
        "JW-08 issued in the future": {"iat": now + LEEWAY_SECONDS + 1},
        "JW-08 iat is text": {"iat": str(now)},
        "JW-08 iat is a fraction": {"iat": float(now)},
        "JW-08 no iat": {"iat": ...},
        "another issuer": {"iss": "https://evil.example"},
        "our issuer with a slash": {"iss": claims["iss"] + "/"},
        "no issuer": {"iss": ...},
        "another audience": {"aud": "bank"},
        "an audience list": {"aud": [claims["aud"]]},
        "an audience that contains ours": {"aud": claims["aud"] + "-admin"},
        "no audience": {"aud": ...},
        "no session": {"sid": ...},
        "the session is no identifier": {"sid": "1"},
        "the session is a number": {"sid": 1},
        "an unknown session": {"sid": "00000000-0000-7000-8000-000000000000"},
        "no subject": {"sub": ...},
        "another subject": {"sub": "00000000-0000-7000-8000-000000000000"},
        "the subject is a list": {"sub": [claims["sub"]]},
    }


async def test_wrong_claims_open_nothing(service: Service, anna: Viewer) -> None:
    """JW-08: though the signature is right, each is answered 401 and none crashes."""
    key, claims = await signing_key(service), claims_of(anna.access_token)
    cases = wrong_claims(int(service.clock.now().timestamp()), claims)

    def forge(changes: dict[str, Any]) -> str:
        changed = {name: value for name, value in {**claims, **changes}.items() if value is not ...}
        return sign(header_of(anna.access_token), changed, signer(key.key, key.algorithm))

    statuses = {name: await status_with(anna, forge(changes)) for name, changes in cases.items()}

    assert statuses == dict.fromkeys(cases, 401)
    assert await status_with(anna, forge({"exp": claims["exp"] - 1})) == 200


async def test_wrong_claims_of_a_refresh_token_give_no_pair(service: Service, anna: Viewer) -> None:
    """JW-08: the same for the token that only this service reads."""
    key, claims = await signing_key(service, KeyUse.REFRESH), claims_of(anna.refresh_token)
    now = int(service.clock.now().timestamp())
    values: list[Any] = [-1, "0", 0.0, True, None, [0], 2**31, 10**400]
    changes: list[dict[str, Any]] = [{"gen": value} for value in values]
    changes += [{"exp": 10**400}, {"exp": now - LEEWAY_SECONDS}, {"iss": "https://evil.example"}, {"sid": "x"}]

    answers = [
        await anna.refresh(sign(header_of(anna.refresh_token), {**claims, **change}, signer(key.key, "HS256")))
        for change in changes
    ]

    assert {answer.code for answer in answers} == {"refresh-token-invalid"}
    assert (await anna.refresh()).status == 200


async def test_another_spelling_of_a_token_opens_nothing(anna: Viewer) -> None:
    """JW-10: parts, padding, spare bits, alphabets and encodings; never a crash."""
    token = anna.access_token
    head, payload, signature = token.split(".")
    spare = signature[:-1] + {"A": "B", "Q": "R", "g": "h", "w": "x"}[signature[-1]]
    spellings = {
        "two parts": f"{head}.{payload}",
        "four parts": f"{token}.{signature}",
        "five parts, as a JWE": f"{token}.{signature}.{signature}",
        "empty": ".",
        "dots only": "..",
        "padded": f"{token}==",
        "padded inside": f"{head}=.{payload}.{signature}",
        "spare bits set": f"{head}.{payload}.{spare}",
        "the other alphabet": f"{head}.{payload}.{signature.replace('-', '+').replace('_', '/')}+",
        "a letter more": f"{token}A",
        "case swapped": f"{head}.{payload}.{signature.swapcase()}",
        "parts swapped": f"{payload}.{head}.{signature}",
        "header is no JSON": f"{encode(b'xyz')}.{payload}.{signature}",
        "header is null": f"{encode(b'null')}.{payload}.{signature}",
        "header is no text": f"{encode(bytes([255, 254]))}.{payload}.{signature}",
        "twenty kilobytes": f"{head}.{'A' * 20_000}.{signature}",
    }

    statuses = {name: await status_with(anna, spelling) for name, spelling in spellings.items()}

    assert statuses == dict.fromkeys(spellings, 401)


async def test_bytes_that_are_no_token_are_refused(service: Service) -> None:
    """JW-10: Unicode, blanks and control characters in the header; a megabyte is refused before it is read."""
    path = "/auth/api/v1/me"
    sent = [b"\xff\xfe", "токен".encode(), b"a b.c.d", b"a.b.c ", b"a.b.c\tx", b"", b"." * 100, b"a." * 100]

    answers = [
        await send_raw(service.url, request("GET", path, b"Authorization: Bearer " + token, b"Connection: close"))
        for token in sent
    ]
    huge = await send_raw(service.url, request("GET", path, b"Authorization: Bearer " + b"a" * 1_000_000))

    assert {answer.status for answer in answers} == {401}
    assert (huge.status, huge.json["code"]) == (431, "headers-too-large")


async def test_an_access_token_says_no_more_than_it_must(anna: Viewer) -> None:
    """RFC 9068: who, which session, until when, which roles; nothing about the person."""
    header, claims = header_of(anna.access_token), claims_of(anna.access_token)

    assert set(header) == {"alg", "kid", "typ"}
    assert (header["alg"], header["typ"]) == ("EdDSA", "at+jwt")
    assert set(claims) == {"iss", "aud", "sub", "sid", "jti", "iat", "exp", "roles"}
    assert "anna" not in str(claims).lower()


async def test_a_refresh_token_is_of_this_service_alone(anna: Viewer) -> None:
    header, claims = header_of(anna.refresh_token), claims_of(anna.refresh_token)

    assert (header["alg"], header["typ"]) == ("HS256", "rt+jwt")
    assert set(claims) == {"iss", "sub", "sid", "iat", "exp", "gen"}


async def test_rs256_serves_verifiers_without_eddsa(tmp_path: Path, clock: ManualClock) -> None:
    """JW-16: 3072 bits, and a retry gives the very same pair there too."""
    async with (
        serving(tmp_path / "data", clock, signature_algorithm="RS256") as service,
        signed_in(service, "anna@example.ru") as anna,
    ):
        [jwk] = (await anna.get("/.well-known/jwks.json")).json["keys"]
        first, again = await anna.refresh(), await anna.refresh()

        assert header_of(anna.access_token)["alg"] == "RS256"
        assert (jwk["kty"], jwk["alg"]) == ("RSA", "RS256")
        assert len(jwk["n"]) * 6 // 8 * 8 >= 3072
        assert first.text == again.text
        clock.advance(timedelta(seconds=1))
        assert await status_with(anna, first.json["access_token"]) == 200


async def status_with(viewer: Viewer, token: str) -> int:
    answer = await viewer.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 200 or answer.code == "authentication-required", answer.text
    return answer.status
