"""JW-12, JW-13: the signing key changes, and no request of a viewer fails for it in other services."""

from datetime import timedelta

from app.sessions.keyring import ACTIVATION_DELAY, rotate_key, withdraw_key
from app.tests.support.service import Service
from app.tests.support.tokens import header_of
from app.tests.support.viewer import Viewer
from app.tests.verifier.checking import A_SECOND, opens, refresh
from cinema_auth import Verifier


async def test_nothing_fails_while_the_key_is_rotated(service: Service, anna: Viewer, verifier: Verifier) -> None:
    """A token every 20 seconds, and the one before: from before the new key is shown until the old one is gone."""
    await rotate_key(service.services.storage, service.clock, algorithm="EdDSA", token_life=timedelta(minutes=5))
    used, failed, before = set(), 0, anna.access_token
    for _ in range(int((ACTIVATION_DELAY + timedelta(minutes=7)) / timedelta(seconds=20))):
        service.clock.advance(timedelta(seconds=20))
        anna.keep(await anna.refresh())
        failed += [opens(verifier, token) for token in (before, anna.access_token)].count(False)
        used.add(header_of(anna.access_token)["kid"])
        before = anna.access_token
        await refresh(verifier)

    assert (len(used), failed) == (2, 0)


async def test_a_withdrawn_key_is_known_at_the_next_look(service: Service, anna: Viewer, verifier: Verifier) -> None:
    """And its successor, which signs at once."""
    old = anna.access_token
    before = opens(verifier, old)
    service.clock.advance(A_SECOND * 2)
    await withdraw_key(service.services.storage, service.clock, str(header_of(old)["kid"]), algorithm="EdDSA")
    service.clock.advance(A_SECOND)
    await refresh(verifier)
    anna.keep(await anna.refresh())

    assert (before, opens(verifier, old), opens(verifier, anna.access_token)) == (True, False, True)
