"""Signing in, and what the tokens are worth here and in other services."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import KeySet

from app.tests.live.people import People
from app.tests.live.target import Target
from app.tests.support.viewer import PASSWORD, Viewer

AUTH_FOLDER = Path(__file__).parents[3]


async def test_a_pair_says_how_long_it_lives_and_is_kept_by_nobody(
    target: Target, people: People, visitor: Viewer
) -> None:
    answer = await visitor.login(await people.add())

    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["expires_in"] == target.settings.access_ttl.total_seconds()
    assert (await visitor.get("/me")).status == 200


async def test_a_wrong_password_and_an_unknown_address_look_alike(people: People, visitor: Viewer) -> None:
    known, unknown = await people.add(), people.new_address()

    answers = [await visitor.login(email, "a wrong password") for email in (known, unknown)]

    assert [(answer.status, answer.code) for answer in answers] == [(401, "invalid-credentials")] * 2
    assert answers[0].json | {"request_id": ""} == answers[1].json | {"request_id": ""}


async def test_another_service_verifies_an_access_token_by_the_public_keys(target: Target, anna: Viewer) -> None:
    keys = KeySet.import_key_set((await anna.get("/.well-known/jwks.json")).json)
    me = (await anna.get("/me")).json

    token = jwt.decode(anna.access_token, keys, algorithms=["EdDSA", "Ed25519", "ES256", "RS256"])

    claims = token.claims
    assert token.header["typ"] == "at+jwt"
    assert (claims["iss"], claims["aud"]) == (target.settings.origin, target.settings.audience)
    assert (claims["sub"], claims["roles"]) == (me["id"], [])
    assert 0 < claims["exp"] - datetime.now(UTC).timestamp() <= target.settings.access_ttl.total_seconds() + 1
    assert me["email"] not in str(claims)


async def test_a_refresh_token_opens_no_page_and_an_access_token_refreshes_nothing(anna: Viewer) -> None:
    access_token, anna.access_token = anna.access_token, anna.refresh_token

    assert (await anna.get("/me")).status == 401
    assert (await anna.refresh(access_token)).code == "refresh-token-invalid"


async def test_a_superuser_of_the_command_line_signs_in(target: Target, people: People, visitor: Viewer) -> None:
    email = people.new_address()

    said = await create_superuser(target, email)

    assert "has been created" in said
    assert (await visitor.login(email)).status == 200
    me = (await visitor.get("/me")).json
    assert (me["roles"], me["permissions"]) == (["superuser"], ["*"])


async def create_superuser(target: Target, email: str) -> str:
    """What the command says that operators type."""
    command = [sys.executable, "-m", "flask", "superuser", "create", "--email", email]
    variables = {**target.variables, "AUTH_SUPERUSER_PASSWORD": PASSWORD}
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=AUTH_FOLDER, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stdout
    return done.stdout
