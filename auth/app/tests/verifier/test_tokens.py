"""A token is judged in another service as strictly as in this one: JW-01 to JW-10, JW-16, JW-20."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from app.sessions.keys import KeyUse
from app.tests.sessions.test_access_token_claims import wrong_claims
from app.tests.sessions.test_access_token_forgeries import FORGERIES
from app.tests.support.clock import ManualClock
from app.tests.support.people import signed_in
from app.tests.support.rights import grant, id_of, make_role
from app.tests.support.service import Service, serving
from app.tests.support.tokens import claims_of, encode, header_of, sign, signer, signing_key
from app.tests.support.viewer import Viewer
from app.tests.verifier.checking import opens, refreshed
from cinema_auth import TokenInvalid, Verifier
from cinema_auth.jws import Key
from cinema_auth.token import Policy, read_token

ONLY_THE_SERVICE_KNOWS = {"an unknown session", "another subject"}


async def test_a_valid_token_tells_who_it_is(service: Service, anna: Viewer, verifier: Verifier) -> None:
    await make_role(service, "editor", "films.edit")
    await grant(service, anna, "editor")
    anna.keep(await anna.refresh())
    said = claims_of(anna.access_token)

    claims = verifier.verify(anna.access_token)

    assert (claims.user_id, claims.session_id) == (id_of(anna), UUID(said["sid"]))
    assert ([*claims.roles], claims.token_id) == (["editor"], said["jti"])
    assert (claims.issued_at, claims.expires_at) == (
        datetime.fromtimestamp(said["iat"], UTC),
        datetime.fromtimestamp(said["exp"], UTC),
    )


async def test_no_forgery_opens_anything(service: Service, anna: Viewer, verifier: Verifier) -> None:
    key = await signing_key(service)
    header, claims = header_of(anna.access_token), claims_of(anna.access_token)

    opened = [name for name, forge in FORGERIES.items() if opens(verifier, forge(header, claims, key))]

    assert opened == []
    assert opens(verifier, anna.access_token)


async def test_wrong_claims_open_nothing(service: Service, anna: Viewer, verifier: Verifier) -> None:
    key, claims = await signing_key(service), claims_of(anna.access_token)
    now = int(service.clock.now().timestamp())
    cases: dict[str, dict[str, Any]] = {
        **wrong_claims(now, claims),
        "JW-08 not yet": {"nbf": now + 11},
        "JW-08 nbf is text": {"nbf": "0"},
        "lives for sixteen minutes": {"exp": claims["iat"] + 16 * 60},
        "ends before it begins": {"exp": claims["iat"]},
        "no roles": {"roles": ...},
        "roles are text": {"roles": "superuser"},
        "a role is a list": {"roles": [["superuser"]]},
        "no token id": {"jti": ...},
        "the session in another spelling": {"sid": claims["sid"].upper()},
        "the session in braces": {"sid": "{" + claims["sid"] + "}"},
    }

    def forge(changes: dict[str, Any]) -> str:
        changed = {name: value for name, value in {**claims, **changes}.items() if value is not ...}
        return sign(header_of(anna.access_token), changed, signer(key.key, key.algorithm))

    opened = {name for name, changes in cases.items() if opens(verifier, forge(changes))}

    assert opened == ONLY_THE_SERVICE_KNOWS
    assert opens(verifier, forge({"nbf": now}))


async def test_the_key_of_refresh_tokens_and_its_tokens_open_nothing(
    service: Service, anna: Viewer, verifier: Verifier
) -> None:
    access, refresh = await signing_key(service), await signing_key(service, KeyUse.REFRESH)
    header, claims = header_of(anna.access_token), claims_of(anna.access_token)
    forged = [
        sign({**header, "alg": "HS256", "kid": kid}, claims, signer(refresh.key, "HS256"))
        for kid in (refresh.key_id, access.key_id)
    ]

    assert not any(opens(verifier, token) for token in [anna.refresh_token, *forged])


async def test_an_expired_token_opens_nothing_though_it_was_good_before(
    service: Service, anna: Viewer, verifier: Verifier
) -> None:
    """JW-08: ten seconds of leeway, for what is remembered as well."""
    life = timedelta(seconds=claims_of(anna.access_token)["exp"]) - timedelta(seconds=service.clock.now().timestamp())
    before = opens(verifier, anna.access_token)
    service.clock.advance(life + timedelta(seconds=9.9))
    within_the_leeway = opens(verifier, anna.access_token)
    service.clock.advance(timedelta(seconds=0.2))

    assert (before, within_the_leeway, opens(verifier, anna.access_token)) == (True, True, False)


async def test_rs256_is_read_too(tmp_path: Path, clock: ManualClock) -> None:
    async with (
        serving(tmp_path / "data", clock, signature_algorithm="RS256") as service,
        signed_in(service, "anna@example.ru") as anna,
    ):
        verifier = await refreshed(service)

        assert header_of(anna.access_token)["alg"] == "RS256"
        assert opens(verifier, anna.access_token)
        assert not opens(verifier, anna.access_token[:-2] + "AA")


async def test_bytes_that_are_no_token_open_nothing(anna: Viewer, verifier: Verifier) -> None:
    """JW-10: no crash, whatever it is."""
    token = anna.access_token
    no_tokens = ["", ".", "..", "токен", "\udcff", "a" * 2_000_000, token.encode(), None, 1, f" {token}", f"{token}\n"]

    assert not any(opens(verifier, each) for each in no_tokens)


# What follows needs no service: one key, one honest token, thousands of others.

NOW = 1_800_000_000
POLICY = Policy(issuer="https://id.cinema.example", audience="cinema", leeway_seconds=10)
PRIVATE = OKPKey.generate_key("Ed25519")
PUBLIC = Key(key_id="k1", algorithm="EdDSA", members={}, public=PRIVATE)
CLAIMS = {
    "iss": POLICY.issuer,
    "aud": POLICY.audience,
    "sub": "01997b2e-7c1f-7d54-b1f4-5a3c5d0b7e11",
    "sid": "01997b2e-7c1f-7d54-b1f4-5a3c5d0b7e12",
    "jti": "1",
    "iat": NOW,
    "exp": NOW + 300,
    "roles": [],
}
HEADER = {"alg": "EdDSA", "kid": "k1", "typ": "at+jwt"}
HONEST = sign(HEADER, CLAIMS, signer(PRIVATE, "EdDSA"))
SIGNS = st.sampled_from("ABCXYZabcxyz0189-_.=+/ \n\0é")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def is_taken(token: str) -> bool:
    try:
        verified = read_token(token, POLICY, {"k1": PUBLIC}.get)
        verified.check_time(NOW, POLICY.leeway_seconds)
    except TokenInvalid:
        return False
    return True


def test_the_honest_token_is_taken() -> None:
    assert is_taken(HONEST)


@given(st.integers(0, len(HONEST) - 1), st.integers(0, 3), st.text(SIGNS, max_size=3))
def test_a_token_with_any_signs_changed_is_not_taken(start: int, length: int, instead: str) -> None:
    changed = HONEST[:start] + instead + HONEST[start + length :]
    assume(changed != HONEST)

    assert not is_taken(changed)


@given(st.dictionaries(st.sampled_from([*HEADER, "crit", "jwk", "b64", "x"]), JSON, min_size=1, max_size=3))
def test_a_rightly_signed_token_with_another_header_is_not_taken(changes: dict[str, Any]) -> None:
    header = {**HEADER, **changes}
    assume(header != HEADER)

    assert not is_taken(sign(header, CLAIMS, signer(PRIVATE, "EdDSA")))


@given(st.dictionaries(st.sampled_from(["iss", "aud", "sub", "sid", "iat", "exp", "nbf"]), JSON, min_size=1))
def test_a_rightly_signed_token_with_any_claim_of_another_kind_is_not_taken(changes: dict[str, Any]) -> None:
    moments = ("iat", "exp", "nbf")
    assume(any(not (name in moments and isinstance(value, int)) for name, value in changes.items()))

    assert not is_taken(sign(HEADER, {**CLAIMS, **changes}, signer(PRIVATE, "EdDSA")))


@given(st.text(max_size=200) | st.binary(max_size=200).map(encode))
def test_any_text_is_refused_without_a_crash(text: str) -> None:
    assert not is_taken(text)
    assert not is_taken(f"{encode(HEADER)}.{text}.{text}")
