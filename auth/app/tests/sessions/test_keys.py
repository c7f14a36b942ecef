"""Keys come and go, and nobody is logged out; the world sees their public half alone."""

import json
from datetime import timedelta

from app.sessions.keyring import ACTIVATION_DELAY, rotate_key, withdraw_key
from app.sessions.keys import KeyUse, SigningKey
from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, signed_in
from app.tests.support.service import Service
from app.tests.support.tokens import claims_of, header_of, sign, signer, signing_key
from app.tests.support.viewer import Viewer

ACCESS_TTL = timedelta(minutes=5)
A_SECOND = timedelta(seconds=1)


async def rotate(service: Service) -> SigningKey:
    new = await rotate_key(service.services.storage, service.clock, algorithm="EdDSA", token_life=ACCESS_TTL)
    service.clock.advance(A_SECOND)
    return new


async def withdraw(service: Service, key_id: str) -> bool:
    done = await withdraw_key(service.services.storage, service.clock, key_id, algorithm="EdDSA")
    service.clock.advance(A_SECOND)
    return done


async def shown_keys(viewer: Viewer) -> list[str]:
    return [key["kid"] for key in (await viewer.get("/.well-known/jwks.json")).json["keys"]]


def key_of(viewer: Viewer) -> str:
    return str(header_of(viewer.access_token)["kid"])


async def test_the_key_set_shows_public_members_only(service: Service, anna: Viewer) -> None:
    """JW-14: with an id, an algorithm and a use; cacheable for at most 15 minutes."""
    answer = await anna.get("/.well-known/jwks.json")
    at_root = await anna.get(f"{service.url}/.well-known/jwks.json")

    [key] = answer.json["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "alg", "use"}
    assert (key["use"], key["alg"], key["kid"]) == ("sig", "EdDSA", key_of(anna))
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert at_root.json == answer.json


async def test_no_private_key_is_ever_shown(service: Service, anna: Viewer) -> None:
    """JW-14: neither the asymmetric one nor the refresh tokens' key, in any form."""
    rows = await execute(service, "SELECT private_jwk FROM signing_keys")
    secrets = [json.loads(str(row["private_jwk"])) for row in rows]
    hidden = [key.get("d") or key["k"] for key in secrets]

    keys = [await signing_key(service, use) for use in KeyUse]
    pages = [await anna.get(path) for path in ("/.well-known/jwks.json", "/openapi.json", "/me")]

    assert len(hidden) == 2
    assert not any(secret in page.text for secret in hidden for page in pages)
    assert not any(secret in repr(keys) for secret in hidden)


async def test_a_new_key_is_shown_long_before_it_signs(service: Service, anna: Viewer, clock: ManualClock) -> None:
    """JW-12: verifiers that honour the cache header know the key before its first token."""
    old = key_of(anna)
    new = await rotate(service)

    shown = await shown_keys(anna)
    clock.advance(ACTIVATION_DELAY - timedelta(seconds=2))
    anna.keep(await anna.refresh())
    before = key_of(anna)
    clock.advance(timedelta(seconds=11))
    anna.keep(await anna.refresh())

    assert shown == [old, new.key_id]
    assert (before, key_of(anna)) == (old, new.key_id)


async def test_a_rotation_logs_nobody_out(service: Service, anna: Viewer, clock: ManualClock) -> None:
    """JW-12: old and new tokens verify side by side; the old key leaves when its last token has expired."""
    first = key_of(anna)
    new = await rotate(service)
    clock.advance(ACTIVATION_DELAY - timedelta(seconds=2))
    anna.keep(await anna.refresh())
    old_token = anna.access_token
    clock.advance(timedelta(seconds=11))

    anna.keep(await anna.refresh())
    both = [await opens(anna, old_token), await opens(anna, anna.access_token)]
    clock.advance(ACCESS_TTL)
    after = await shown_keys(anna)

    assert both == [True, True]
    assert (first in after, after) == (False, [new.key_id])
    assert (await anna.refresh()).status == 200


async def test_a_retry_across_the_switch_is_signed_alike(service: Service, anna: Viewer, clock: ManualClock) -> None:
    """SE-03, JW-12: the pair is a function of the rotation, not of the moment of asking."""
    await rotate(service)
    clock.advance(ACTIVATION_DELAY - timedelta(seconds=3))
    first = await anna.refresh()

    clock.advance(timedelta(seconds=5))
    again = await anna.refresh()

    assert again.text == first.text


async def test_a_key_that_was_rotated_out_verifies_nothing(service: Service, anna: Viewer, clock: ManualClock) -> None:
    """JW-12: even a token that claims to be fresh."""
    old = await signing_key(service)
    await rotate(service)
    clock.advance(ACTIVATION_DELAY + ACCESS_TTL)
    anna.keep(await anna.refresh())

    claims = claims_of(anna.access_token)
    forged = sign({"alg": "EdDSA", "kid": old.key_id, "typ": "at+jwt"}, claims, signer(old.key, "EdDSA"))

    assert [await opens(anna, forged), await opens(anna, anna.access_token)] == [False, True]


async def test_a_compromised_key_is_out_within_a_second(service: Service, anna: Viewer, clock: ManualClock) -> None:
    """JW-13: its tokens are refused, it is no longer shown, refresh tokens live on under a new key."""
    compromised = key_of(anna)

    done = await withdraw(service, compromised)
    me, shown = await anna.get("/me"), await shown_keys(anna)
    clock.advance(A_SECOND)
    anna.keep(await anna.refresh())

    assert (done, me.status, compromised in shown) == (True, 401, False)
    assert key_of(anna) in shown
    assert (await anna.get("/me")).status == 200


async def test_a_compromised_key_signs_no_repeated_pair(service: Service, anna: Viewer) -> None:
    """Inside the reuse window the parent gets a pair that can be used, by the successor's signature."""
    compromised, parent = key_of(anna), anna.refresh_token
    await anna.refresh(parent)
    service.clock.advance(A_SECOND)
    await withdraw(service, compromised)

    repeated = anna.keep(await anna.refresh(parent))

    assert (repeated.status, (await anna.get("/me")).status) == (200, 200)
    assert key_of(anna) != compromised


async def test_withdrawing_the_waiting_key_leaves_somebody_to_sign(
    service: Service, anna: Viewer, clock: ManualClock
) -> None:
    """JW-13: the key before it is about to be retired; after that a third one has to be there."""
    new = await rotate(service)

    await withdraw(service, new.key_id)
    clock.advance(ACTIVATION_DELAY + ACCESS_TTL + A_SECOND)
    refreshed = anna.keep(await anna.refresh())

    assert refreshed.status == 200
    assert (await anna.get("/me")).status == 200


async def test_withdrawing_the_old_key_during_a_rotation_is_bridged(
    service: Service, anna: Viewer, clock: ManualClock
) -> None:
    """JW-13: somebody signs until the new key may, and then the new key does."""
    old, new = key_of(anna), await rotate(service)

    await withdraw(service, old)
    anna.keep(await anna.refresh())
    bridge = key_of(anna)
    clock.advance(ACTIVATION_DELAY)
    anna.keep(await anna.refresh())

    assert bridge not in {old, new.key_id}
    assert key_of(anna) == new.key_id
    assert (await anna.get("/me")).status == 200


async def test_an_unknown_key_cannot_be_withdrawn(service: Service, anna: Viewer) -> None:
    assert not await withdraw(service, "no-such-key")
    assert (await anna.get("/me")).status == 200


async def test_the_key_of_refresh_tokens_is_not_withdrawn_by_mistake(service: Service) -> None:
    async with signed_in(service, "boris@example.ru") as boris:
        refresh_key = await signing_key(service, KeyUse.REFRESH)

        assert not await withdraw(service, refresh_key.key_id)
        assert (await boris.refresh()).status == 200


async def opens(viewer: Viewer, token: str) -> bool:
    return (await viewer.get("/me", headers={"Authorization": f"Bearer {token}"})).status == 200
