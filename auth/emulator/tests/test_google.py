"""Google: consent, tokens, One Tap (GO-4, GO-6 to GO-10)."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from emulator import Emulator, faults
from emulator.tests.client import Client

OFFLINE = {"access_type": "offline"}


async def keys(emulator: Emulator, client: Client) -> KeySet:
    return KeySet.import_key_set((await client.get(f"{emulator.url}/google/oauth2/v3/certs")).json)


async def claims(emulator: Emulator, client: Client, **changes: str | None) -> dict[str, Any]:
    """Sign in and verify the ID token as a client does."""
    token = await client.sign_in("google", **changes)
    return jwt.decode(token["id_token"], await keys(emulator, client), algorithms=["RS256"]).claims


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
    """GO-9, ALL-6."""
    emulator.decide("google")
    form = client.exchange_form("google", (await client.authorize("google")).callback)

    answer = await client.token("google", form, **change)

    assert (answer.status, answer.json["error"]) == (status, error)


async def test_unticking_email_shrinks_scope_claims_and_profile(emulator: Emulator, client: Client) -> None:
    """GO-10, ALL-9."""
    emulator.decide("google", without=["email"])

    token = await client.sign_in("google")
    told = jwt.decode(token["id_token"], await keys(emulator, client)).claims
    profile = (await client.profile("google", token["access_token"])).json

    assert token["scope"] == "openid profile"
    assert "email" not in told
    assert "email" not in profile


async def test_userinfo_refuses_an_expired_or_revoked_token(emulator: Emulator, client: Client) -> None:
    """ALL-13."""
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
    """ALL-13."""
    emulator.decide("google")
    emulator.shift_clock(timedelta(seconds=30))

    told = await claims(emulator, client)

    assert 20 < told["iat"] - datetime.now(UTC).timestamp() < 31


async def test_a_scope_is_required(emulator: Emulator, client: Client) -> None:
    emulator.decide("google")

    assert (await client.authorize("google", scope=None)).status == 400
