"""Google: keys and ID tokens, honest and forged (GO-1 to GO-3, GO-5)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import KeySet

from emulator import Effect, Emulator, faults
from emulator.effects import Signature
from emulator.tests.client import Client

OFFLINE = {"access_type": "offline"}


async def keys(emulator: Emulator, client: Client) -> KeySet:
    return KeySet.import_key_set((await client.get(f"{emulator.url}/google/oauth2/v3/certs")).json)


async def claims(emulator: Emulator, client: Client, **changes: str | None) -> dict[str, Any]:
    """Sign in and verify the ID token as a client does."""
    token = await client.sign_in("google", **changes)
    return jwt.decode(token["id_token"], await keys(emulator, client), algorithms=["RS256"]).claims


async def test_discovery_names_what_is_served(emulator: Emulator, client: Client) -> None:
    """GO-1."""
    document = (await client.get(f"{emulator.url}/google/.well-known/openid-configuration")).json

    assert document["issuer"] == client.setting("google", "ISSUER")
    assert document["authorization_endpoint"] == client.setting("google", "AUTHORIZE_URL")
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]
    assert document["authorization_response_iss_parameter_supported"] is True


async def test_two_keys_are_published_and_one_of_them_signs(emulator: Emulator, client: Client) -> None:
    """GO-1, GO-2."""
    emulator.decide("google")

    answer = await client.get(f"{emulator.url}/google/oauth2/v3/certs")
    told = await claims(emulator, client)

    assert len({key["kid"] for key in answer.json["keys"]}) == 2
    assert not {"d", "p", "q"} & answer.json["keys"][0].keys()
    assert "max-age=3600" in answer.headers["Cache-Control"]
    assert told["sub"] == "109876543210000000001"[:21]
    assert told["aud"] == told["azp"] == client.setting("google", "CLIENT_ID")
    assert told["exp"] - told["iat"] == 3600
    assert told["nonce"] == "nonce-1"


async def test_rotated_keys_leave_nothing_of_the_old(emulator: Emulator, client: Client) -> None:
    """GO-1."""
    emulator.decide("google")
    before = {key["kid"] for key in (await keys(emulator, client)).as_dict()["keys"]}
    emulator.rotate_keys()

    told = await claims(emulator, client)
    after = {key["kid"] for key in (await keys(emulator, client)).as_dict()["keys"]}

    assert told["email"] == "anna.emulated@gmail.com"
    assert not before & after


async def test_an_unknown_key_does_not_verify(emulator: Emulator, client: Client) -> None:
    """GO-1."""
    emulator.decide("google")
    emulator.fault("google", "token", faults.unknown_key(), times=1)

    token = (await client.sign_in("google"))["id_token"]
    kid = jws.extract_compact(token.encode()).headers()["kid"]

    assert kid not in {key["kid"] for key in (await keys(emulator, client)).as_dict()["keys"]}


async def test_a_nonce_that_was_not_sent_does_not_come_back(emulator: Emulator, client: Client) -> None:
    """GO-2."""
    emulator.decide("google")

    assert "nonce" not in await claims(emulator, client, nonce=None)


@pytest.mark.parametrize(
    ("fault", "claim", "value"),
    [
        (faults.wrong_nonce(), "nonce", "nonce-of-another-attempt"),
        (faults.wrong_audience(), "aud", "another-client.apps.googleusercontent.com"),
        (faults.wrong_at_hash(), "at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
        (faults.expired_id_token(seconds=300), "exp", None),
        (faults.id_token(remove=["sub"]), "sub", None),
        (faults.id_token(claims={"aud": ["a", "b"]}), "aud", ["a", "b"]),
    ],
)
async def test_claims_are_forged_to_order(
    emulator: Emulator, client: Client, fault: Effect, claim: str, value: object
) -> None:
    """GO-2, GO-3."""
    emulator.decide("google")
    honest = await claims(emulator, client)
    emulator.fault("google", "token", fault, times=1)

    forged = await claims(emulator, client)

    assert forged.get(claim) != honest[claim]
    assert value is None or forged[claim] == value
    assert claim != "exp" or forged["exp"] <= datetime.now(UTC).timestamp() - 299


async def test_the_issuer_comes_in_either_spelling(emulator: Emulator, client: Client) -> None:
    """GO-3."""
    emulator.decide("google")
    full = await claims(emulator, client)
    emulator.switch("google", issuer_with_scheme=False)

    bare = await claims(emulator, client)

    assert full["iss"] == f"{emulator.url}/google"
    assert bare["iss"] == full["iss"].removeprefix("http://")


@pytest.mark.parametrize(
    ("signature", "algorithm"),
    [
        ("none", "none"),
        ("HS256-pem", "HS256"),
        ("HS256-der", "HS256"),
        ("HS256-jwk", "HS256"),
        ("HS256-padded", "HS256"),
        ("PS512", "PS512"),
        ("RS1", "RS1"),
        ("garbage", "RS256"),
        ("unknown-key", "RS256"),
    ],
)
async def test_signatures_are_forged_to_order(
    emulator: Emulator, client: Client, signature: Signature, algorithm: str
) -> None:
    """GO-3."""
    emulator.decide("google")
    emulator.fault("google", "token", faults.id_token(signature=signature), times=1)

    token = (await client.sign_in("google"))["id_token"]
    header = jws.extract_compact(token.encode()).headers()

    assert header["alg"] == algorithm
    with pytest.raises((JoseError, ValueError)):
        jwt.decode(token, await keys(emulator, client), algorithms=["RS256"])


async def test_headers_payload_and_the_whole_token_are_forged_to_order(emulator: Emulator, client: Client) -> None:
    """GO-3."""
    emulator.decide("google")
    odd = faults.id_token(header={"crit": ["x"], "typ": "at+jwt"}, remove_header=["kid"], append=[("sub", "666")])
    emulator.fault("google", "token", odd, times=1)
    emulator.fault("google", "token", faults.id_token(payload=b"\xef\xbb\xbf{}"), times=1)
    emulator.fault("google", "token", faults.raw_id_token("a.b.c.d.e"), times=1)

    duplicate, payload, raw = [(await client.sign_in("google"))["id_token"] for _ in range(3)]

    parts = jws.extract_compact(duplicate.encode())
    assert parts.headers() == {"alg": "RS256", "typ": "at+jwt", "crit": ["x"]}
    assert parts.payload.count(b'"sub"') == 2
    assert jws.extract_compact(payload.encode()).payload.startswith(b"\xef\xbb\xbf")
    assert raw == "a.b.c.d.e"


@pytest.mark.parametrize(
    ("persona", "expected"),
    [
        ("anna", {"email": "anna.emulated@gmail.com", "email_verified": True, "hd": None}),
        ("workspace", {"email": "wanda@firm.example", "email_verified": True, "hd": "firm.example"}),
        ("third-party", {"email": "theo@elsewhere.example", "email_verified": True, "hd": None}),
        ("unverified", {"email": "una@elsewhere.example", "email_verified": False, "hd": None}),
        ("no-email", {"email": None, "email_verified": None, "hd": None}),
        ("huge-id", {"sub": "118446744073709551617"}),
    ],
)
async def test_the_people_of_the_fixtures_are_there(
    emulator: Emulator, client: Client, persona: str, expected: dict[str, object]
) -> None:
    """GO-5, ALL-8."""
    emulator.decide("google", persona=persona)

    told = await claims(emulator, client)

    assert {name: told.get(name) for name in expected} == expected


async def test_a_tampered_token_does_not_verify(emulator: Emulator, client: Client) -> None:
    emulator.decide("google")
    token = (await client.sign_in("google"))["id_token"]
    head, _, signature = token.split(".")

    with pytest.raises(BadSignatureError):
        jwt.decode(f"{head}.e30.{signature}", await keys(emulator, client))
