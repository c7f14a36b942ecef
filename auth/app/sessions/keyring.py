"""Keeps the key ring at hand: one look at the store a second, whatever the load."""

from datetime import timedelta

from app.ports.clock import Clock
from app.ports.conflicts import rerun_on_conflict
from app.ports.fresh import Fresh
from app.ports.storage import Storage
from app.sessions.keys import KeyRing, KeyUse, SigningKey, generate_key
from app.sessions.repository import SessionsTransaction

REFRESH_ALGORITHM = "HS256"
# A new key is published this long before it signs, so that every verifier that honours
# `JWKS_MAX_AGE` has it by then; the old one goes on verifying for the longest life of a token.
JWKS_MAX_AGE = timedelta(minutes=5)
ACTIVATION_DELAY = JWKS_MAX_AGE * 2
# With the database away, tokens go on being judged and refreshed by the keys as they were for so long.
OUTLASTS = timedelta(minutes=5)


class KeyRingCache:
    """The ring as the store had it at most a second ago: a compromised key is out of use everywhere within that.

    While the store is away nobody can withdraw a key either, so the ring serves on for a while.
    """

    def __init__(self, storage: Storage[SessionsTransaction], clock: Clock) -> None:
        self._storage, self._clock = storage, clock
        self._ring = KeyRing(())
        self._fresh = Fresh(self._load, clock, outlasts=OUTLASTS)

    async def current(self) -> KeyRing:
        """The ring; loads it when it has grown old, once for all who wait."""
        return await self._fresh.get()

    @rerun_on_conflict
    async def _load(self) -> KeyRing:
        now = self._clock.now()
        async with self._storage.reading() as tx:
            # A key that is out of use signs nothing more, not even a pair of before that is asked for again.
            keys = tuple(key for key in await tx.keys.all() if key.verifies_at(now))
        if keys != self._ring.keys:  # keeping the same objects keeps their parsed keys
            self._ring = KeyRing(keys)
        return self._ring


@rerun_on_conflict
async def ensure_keys(storage: Storage[SessionsTransaction], clock: Clock, *, algorithm: str) -> None:
    """Make the first keys of a fresh installation; of many processes that start together, one does."""
    now = clock.now()
    async with storage.transaction() as tx:
        await tx.keys.lock()
        present = {key.use for key in await tx.keys.all()}
        if KeyUse.ACCESS not in present:
            await tx.keys.add(generate_key(KeyUse.ACCESS, algorithm, activates_at=now))
        if KeyUse.REFRESH not in present:
            await tx.keys.add(generate_key(KeyUse.REFRESH, REFRESH_ALGORITHM, activates_at=now))


@rerun_on_conflict
async def rotate_key(
    storage: Storage[SessionsTransaction], clock: Clock, *, algorithm: str, token_life: timedelta
) -> SigningKey:
    """Add an access key that will sign from `ACTIVATION_DELAY` on; nobody is logged out.

    Args:
        token_life: how long tokens live; the keys before it are retired that long after the switch.
    """
    now = clock.now()
    new = generate_key(KeyUse.ACCESS, algorithm, activates_at=now + ACTIVATION_DELAY)
    async with storage.transaction() as tx:
        await tx.keys.lock()
        for key in await tx.keys.all():
            if key.use is KeyUse.ACCESS and key.retires_at is None:
                await tx.keys.retire(key.key_id, new.activates_at + token_life)
        await tx.keys.add(new)
    return new


@rerun_on_conflict
async def withdraw_key(storage: Storage[SessionsTransaction], clock: Clock, key_id: str, *, algorithm: str) -> bool:
    """Take a compromised access key out of use at once: its tokens answer 401 within a second.

    A successor signs immediately. Refresh tokens are of another key and live on.

    Returns:
        Whether there was such a key.
    """
    now = clock.now()
    async with storage.transaction() as tx:
        await tx.keys.lock()
        keys = [key for key in await tx.keys.all() if key.use is KeyUse.ACCESS]
        others = [key for key in keys if key.key_id != key_id]
        if len(others) == len(keys):
            return False
        await tx.keys.retire(key_id, now)
        signs_now = any(key.activates_at <= now and key.verifies_at(now) for key in others)
        signs_later = any(key.retires_at is None for key in others)  # the rest is about to be retired
        if not (signs_now and signs_later):
            await tx.keys.add(generate_key(KeyUse.ACCESS, algorithm, activates_at=now))
    return True
