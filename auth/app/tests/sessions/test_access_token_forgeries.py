"""Access tokens that somebody else made, or that were made for something else, open nothing."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from app.sessions.keys import KeyUse, SigningKey
from app.tests.support.service import Service
from app.tests.support.tokens import claims_of, decode, encode, header_of, sign, signer, signing_key
from app.tests.support.viewer import Viewer

Header = dict[str, Any]
Forge = Callable[[Header, dict[str, Any], SigningKey], str]


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda message: hmac.new(secret, message, hashlib.sha256).digest()


def with_header(**changes: Any) -> Forge:
    """Rightly signed by our own key, under a header with something changed; `None` leaves a member out."""

    def forge(header: Header, claims: dict[str, Any], key: SigningKey) -> str:
        changed = {name: value for name, value in {**header, **changes}.items() if value is not None}
        return sign(changed, claims, signer(key.key, key.algorithm))

    return forge


def signed_by_public_key(spell: Callable[[SigningKey], bytes]) -> Forge:
    """HS256 under the bytes of our public key, in one of its spellings."""
    return lambda header, claims, key: sign({**header, "alg": "HS256"}, claims, hs256(spell(key)))


def public_pem(key: SigningKey) -> bytes:
    pem: bytes = key.key.as_pem(private=False) if not isinstance(key.key, OctKey) else b""
    return pem


def public_der(key: SigningKey) -> bytes:
    der: bytes = key.key.as_der(private=False) if not isinstance(key.key, OctKey) else b""
    return der


STRANGER = OKPKey.generate_key("Ed25519")
STRANGER_JWK = STRANGER.as_dict(private=False)

FORGERIES: dict[str, Forge] = {
    "JW-01 alg none": lambda h, c, k: sign({**h, "alg": "none"}, c, lambda _: b""),
    "JW-01 alg None": lambda h, c, k: sign({**h, "alg": "None"}, c, lambda _: b""),
    "JW-01 alg NONE, signed": lambda h, c, k: sign({**h, "alg": "NONE"}, c, signer(k.key, k.algorithm)),
    "JW-01 signature stripped": lambda h, c, k: f"{encode(h)}.{encode(c)}",
    "JW-01 signature empty": lambda h, c, k: f"{encode(h)}.{encode(c)}.",
    "JW-01 signature of zeros": lambda h, c, k: sign(h, c, lambda _: bytes(64)),
    "JW-02 public key as PEM": signed_by_public_key(public_pem),
    "JW-02 public key as DER": signed_by_public_key(public_der),
    "JW-02 public key as JWK": signed_by_public_key(lambda key: json.dumps(key.public_jwk).encode()),
    "JW-02 public key as bare bytes": signed_by_public_key(lambda key: decode(key.public_jwk["x"])),
    "JW-02 public key as text": signed_by_public_key(lambda key: str(key.public_jwk["x"]).encode()),
    "JW-02 public key after a blank": signed_by_public_key(lambda key: b" \n" + public_pem(key)),
    "JW-03 empty key": lambda h, c, k: sign({**h, "alg": "HS256"}, c, hs256(b"")),
    "JW-03 empty key, unknown kid": lambda h, c, k: sign({**h, "alg": "HS256", "kid": "gone"}, c, hs256(b"")),
    "JW-03 empty key, no kid": lambda h, c, k: sign({"alg": "HS256", "typ": "at+jwt"}, c, hs256(b"")),
    "JW-04 jwk": lambda h, c, k: sign({**h, "jwk": STRANGER_JWK}, c, signer(STRANGER, "EdDSA")),
    "JW-04 jku": with_header(jku="http://127.0.0.1:1/keys"),
    "JW-04 x5u": with_header(x5u="http://127.0.0.1:1/chain"),
    "JW-04 x5c": with_header(x5c=["MIIB"]),
    "JW-05 kid climbs": with_header(kid="../../../../dev/null"),
    "JW-05 kid asks SQL": with_header(kid="' OR 1=1 --"),
    "JW-05 kid is long": with_header(kid="k" * 2000),
    "JW-05 kid is a list": with_header(kid=["a"]),
    "JW-05 kid is an object": with_header(kid={"$ne": ""}),
    "JW-05 kid is a number": with_header(kid=0),
    "JW-05 kid is true": with_header(kid=True),
    "JW-05 kid is empty": with_header(kid=""),
    "JW-05 kid has a NUL": lambda h, c, k: with_header(kid=k.key_id + "\0")(h, c, k),
    "JW-05 kid in other case": lambda h, c, k: with_header(kid=k.key_id.swapcase())(h, c, k),
    "JW-05 no kid": with_header(kid=None),
    "JW-05 another's key under our kid": lambda h, c, k: sign(h, c, signer(STRANGER, "EdDSA")),
    "JW-06 typ JWT": with_header(typ="JWT"),
    "JW-06 typ of a refresh token": with_header(typ="rt+jwt"),
    "JW-06 typ in capitals": with_header(typ="AT+JWT"),
    "JW-06 typ with the media type": with_header(typ="application/at+jwt"),
    "JW-06 no typ": with_header(typ=None),
    "JW-06 typ is a list": with_header(typ=["at+jwt"]),
    "JW-09 crit unknown": with_header(crit=["exp"]),
    "JW-09 crit empty": with_header(crit=[]),
    "JW-09 b64 false": with_header(b64=False, crit=["b64"]),
    "JW-09 b64 true": with_header(b64=True),
    "JW-09 any other member": with_header(zip="DEF"),
    "JW-16 ES256 by a stranger": lambda h, c, k: sign(
        {**h, "alg": "ES256"}, c, signer(ECKey.generate_key("P-256"), "ES256")
    ),
    "JW-16 RS256 by a stranger": lambda h, c, k: sign(
        {**h, "alg": "RS256"}, c, signer(RSAKey.generate_key(2048), "RS256")
    ),
    "JW-20 alg is a list": with_header(alg=["EdDSA"]),
    "JW-20 alg missing": with_header(alg=None),
    "JW-20 header member twice": lambda h, c, k: sign(
        json.dumps(h)[:-1].encode() + b',"typ":"at+jwt"}', c, signer(k.key, k.algorithm)
    ),
    "JW-20 claim twice": lambda h, c, k: sign(
        h, json.dumps(c)[:-1].encode() + b',"sub":"' + c["sub"].encode() + b'"}', signer(k.key, k.algorithm)
    ),
    "JW-20 header is a list": lambda h, c, k: sign(json.dumps([h]).encode(), c, signer(k.key, k.algorithm)),
    "JW-20 header with a byte order mark": lambda h, c, k: sign(
        b"\xef\xbb\xbf" + json.dumps(h).encode(), c, signer(k.key, k.algorithm)
    ),
    "JW-20 payload is a list": lambda h, c, k: sign(h, json.dumps([c]).encode(), signer(k.key, k.algorithm)),
    "JW-20 payload nested too deep": lambda h, c, k: sign(h, b'{"a":' + b"[" * 1200, signer(k.key, k.algorithm)),
}


async def test_the_way_of_forging_is_right_when_nothing_is_changed(service: Service, anna: Viewer) -> None:
    """Without this, every forgery below might fail for a mistake of its own."""
    key = await signing_key(service)

    honest = with_header()(header_of(anna.access_token), claims_of(anna.access_token), key)

    assert await status_with(anna, honest) == 200


async def test_no_forgery_opens_anything(service: Service, anna: Viewer) -> None:
    """JW-01 to JW-06, JW-09, JW-16, JW-20: each is answered 401, none crashes the service."""
    key = await signing_key(service)
    header, claims = header_of(anna.access_token), claims_of(anna.access_token)

    statuses = {name: await status_with(anna, forge(header, claims, key)) for name, forge in FORGERIES.items()}

    assert statuses == dict.fromkeys(FORGERIES, 401)


async def test_the_key_of_refresh_tokens_signs_no_access_token(service: Service, anna: Viewer) -> None:
    """JW-02, JW-05: another key's id, and a key for another use."""
    access, refresh = await signing_key(service), await signing_key(service, KeyUse.REFRESH)
    header, claims = header_of(anna.access_token), claims_of(anna.access_token)

    forged = [
        sign({**header, "alg": "HS256", "kid": kid}, claims, signer(refresh.key, "HS256"))
        for kid in (refresh.key_id, access.key_id)
    ]

    assert [await status_with(anna, token) for token in forged] == [401, 401]


async def test_tokens_are_worth_nothing_in_each_others_place(anna: Viewer) -> None:
    """OA-25: a refresh token is no access token, an access token is no refresh token."""
    as_access = await status_with(anna, anna.refresh_token)
    as_refresh = await anna.refresh(anna.access_token)

    assert as_access == 401
    assert (as_refresh.status, as_refresh.code) == (401, "refresh-token-invalid")


async def test_the_json_serialisation_is_not_read(service: Service, anna: Viewer) -> None:
    """JW-20: two serialisations would be two parsers (CVE-2022-39227)."""
    protected, payload, signature = anna.refresh_token.split(".")
    flattened = {"protected": protected, "payload": payload, "signature": signature, "header": {"alg": "none"}}
    general = {"payload": payload, "signatures": [{"protected": protected, "signature": signature}]}

    answers = [await anna.refresh(json.dumps(each)) for each in (flattened, general)]

    assert [answer.code for answer in answers] == ["refresh-token-invalid"] * 2


@pytest.mark.parametrize(
    "header",
    ["Basic YTpi", "Bearer", "Bearer ", "Bearer a b", "bearer\t{token}", "Token {token}", "{token}", "Bearer {token},"],
)
async def test_another_authorization_is_refused(header: str, anna: Viewer) -> None:
    answer = await anna.get("/me", headers={"Authorization": header.format(token=anna.access_token)})

    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


async def test_the_scheme_may_be_written_in_any_case(anna: Viewer) -> None:
    answer = await anna.get("/me", headers={"Authorization": f"bEARER {anna.access_token}"})

    assert answer.status == 200


async def test_two_authorization_headers_are_refused(anna: Viewer) -> None:
    token, anna.access_token = anna.access_token, ""

    answer = await anna.get("/me", headers=[("Authorization", f"Bearer {token}"), ("Authorization", "Bearer x")])

    assert answer.status == 401


async def test_a_token_in_the_query_is_never_looked_at(anna: Viewer) -> None:
    token, anna.access_token = anna.access_token, ""

    answer = await anna.get(f"/me?access_token={token}")

    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


async def status_with(viewer: Viewer, token: str) -> int:
    answer = await viewer.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 200 or answer.code == "authentication-required", answer.text
    return answer.status
