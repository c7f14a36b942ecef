"""Google (GO-1 to GO-10)."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
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


async def test_a_refresh_token_comes_at_the_first_consent_only(emulator: Emulator, client: Client) -> None:
    """GO-4."""
    emulator.decide("google")

    first = await client.sign_in("google", **OFFLINE)
    second = await client.sign_in("google", **OFFLINE)
    forced = await client.sign_in("google", prompt="select_account consent", **OFFLINE)
    online = await client.sign_in("google", prompt="consent")

    assert ["refresh_token" in token for token in (first, second, forced, online)] == [True, False, True, False]


async def test_a_refresh_gives_tokens_without_nonce(emulator: Emulator, client: Client) -> None:
    """GO-4."""
    emulator.decide("google")
    first = await client.sign_in("google", **OFFLINE)
    form = {
        "grant_type": "refresh_token",
        "refresh_token": first["refresh_token"],
        "client_id": client.setting("google", "CLIENT_ID"),
        "client_secret": client.setting("google", "CLIENT_SECRET"),
    }

    second = (await client.token("google", form)).json
    told = jwt.decode(second["id_token"], await keys(emulator, client)).claims

    assert "refresh_token" not in second
    assert "nonce" not in told


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
    """GO-5, section 13 item 8."""
    emulator.decide("google", persona=persona)

    told = await claims(emulator, client)

    assert {name: told.get(name) for name in expected} == expected


@pytest.mark.parametrize("switched", [True, False])
async def test_the_callback_names_the_issuer_when_switched_on(
    emulator: Emulator, client: Client, switched: bool
) -> None:
    """GO-7."""
    emulator.switch("google", callback_iss=switched, advertise_iss=switched)
    emulator.decide("google", times=1)
    emulator.refuse("google", times=1)

    allowed = (await client.authorize("google")).callback
    refused = (await client.authorize("google")).callback
    document = (await client.get(f"{emulator.url}/google/.well-known/openid-configuration")).json

    expected = f"{emulator.url}/google" if switched else None
    assert allowed.get("iss") == refused.get("iss") == expected
    assert ("authorization_response_iss_parameter_supported" in document) is switched


@pytest.mark.parametrize("csrf", ["good", "bad", "missing"])
async def test_one_tap_posts_are_made_to_order(emulator: Emulator, client: Client, csrf: Any) -> None:
    """GO-8."""
    made = emulator.one_tap(persona="boris", csrf=csrf, nonce="tap-nonce")

    told = jwt.decode(made.form["credential"], await keys(emulator, client)).claims
    cookie = made.cookies.get("g_csrf_token")

    assert told["nonce"] == "tap-nonce"
    assert (cookie == made.form["g_csrf_token"]) is (csrf == "good")
    assert (cookie is None) is (csrf == "missing")


async def test_a_one_tap_token_can_be_forged(emulator: Emulator) -> None:
    """GO-8."""
    emulator.fault("google", "one_tap", faults.raw_id_token("forged"), times=1)

    assert emulator.one_tap().form["credential"] == "forged"


async def test_people_use_one_tap_on_a_page(emulator: Emulator, client: Client) -> None:
    """GO-8."""
    query = f"client_id={client.setting('google', 'CLIENT_ID')}&login_uri=http%3A%2F%2Fcinema.test%2Ftap"
    url = f"{emulator.url}/google/one-tap"

    asked = await client.get(f"{url}?{query}")
    made = await client.post(f"{url}?{query}", {"persona": "anna", "csrf": "good"})
    foreign = await client.get(f"{url}?{query.replace('cinema.test', 'evil.test')}")

    assert 'name="persona"' in asked.text
    assert 'action="http://cinema.test/tap"' in made.text
    assert "g_csrf_token=" in made.headers["Set-Cookie"]
    assert foreign.status == 400


@pytest.mark.parametrize("where", ["header", "body"])
async def test_credentials_pass_in_header_and_body(emulator: Emulator, client: Client, where: str) -> None:
    """GO-9."""
    emulator.decide("google")
    form = client.exchange_form("google", (await client.authorize("google")).callback)
    headers = {}
    if where == "header":
        pair = f"{form.pop('client_id')}:{form.pop('client_secret')}"
        headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()

    answer = await client.post(client.setting("google", "TOKEN_URL"), form, headers)

    assert answer.json["token_type"] == "Bearer"


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"code": "wrong"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"redirect_uri": "https://evil.example"}, 400, "redirect_uri_mismatch"),
    ],
)
async def test_token_errors_have_status_and_words(
    emulator: Emulator, client: Client, change: dict[str, str], status: int, error: str
) -> None:
    """GO-9, section 13 item 6."""
    emulator.decide("google")
    form = client.exchange_form("google", (await client.authorize("google")).callback)

    answer = await client.token("google", form, **change)

    assert (answer.status, answer.json["error"]) == (status, error)


async def test_unticking_email_shrinks_scope_claims_and_profile(emulator: Emulator, client: Client) -> None:
    """GO-10, section 13 item 9."""
    emulator.decide("google", without=["email"])

    token = await client.sign_in("google")
    told = jwt.decode(token["id_token"], await keys(emulator, client)).claims
    profile = (await client.profile("google", token["access_token"])).json

    assert token["scope"] == "openid profile"
    assert "email" not in told
    assert "email" not in profile


async def test_userinfo_refuses_an_expired_or_revoked_token(emulator: Emulator, client: Client) -> None:
    """Section 13, item 13."""
    token = emulator.mint_token("google")
    revoked = emulator.mint_token("google")

    await client.post(f"{emulator.url}/google/revoke", {"token": revoked})
    after_revocation = await client.profile("google", revoked)
    fresh = await client.profile("google", token)
    emulator.shift_clock(timedelta(hours=1))
    expired = await client.profile("google", token)

    assert [after_revocation.status, fresh.status, expired.status] == [401, 200, 401]
    assert "Bearer" in expired.headers["WWW-Authenticate"]


async def test_the_clock_moves_issue_and_expiry(emulator: Emulator, client: Client) -> None:
    """Section 13, item 13."""
    emulator.decide("google")
    emulator.shift_clock(timedelta(seconds=30))

    told = await claims(emulator, client)

    assert 20 < told["iat"] - datetime.now(UTC).timestamp() < 31


async def test_a_scope_is_required(emulator: Emulator, client: Client) -> None:
    emulator.decide("google")

    assert (await client.authorize("google", scope=None)).status == 400


async def test_a_tampered_token_does_not_verify(emulator: Emulator, client: Client) -> None:
    emulator.decide("google")
    token = (await client.sign_in("google"))["id_token"]
    head, _, signature = token.split(".")

    with pytest.raises(BadSignatureError):
        jwt.decode(f"{head}.e30.{signature}", await keys(emulator, client))
