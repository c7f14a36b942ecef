"""Something small of the store kept at hand: one look a second, whatever the load."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog

from app.errors import TemporarilyUnavailable
from app.ports.clock import Clock

T = TypeVar("T")

MAX_AGE = timedelta(seconds=1)  # what was changed in another process counts here within this time
NEVER = timedelta(0)
PATIENCE_SECONDS = 0.5  # with a store that keeps silent, where the value as it was will do

log = structlog.get_logger(__name__)


class Fresh(Generic[T]):
    """One value as the store had it at most a second ago.

    Args:
        load: reads it.
        max_age: how old it may be instead of that second.
        outlasts: how old it may grow while the store is away; then it is not given any more.
    """

    def __init__(
        self,
        load: Callable[[], Awaitable[T]],
        clock: Clock,
        *,
        max_age: timedelta = MAX_AGE,
        outlasts: timedelta = NEVER,
    ) -> None:
        self._load, self._clock, self._max_age, self._outlasts = load, clock, max_age, outlasts
        self._value: T | None = None
        self._loaded_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._changes = 0
        self._lock = asyncio.Lock()

    async def get(self) -> T:
        """The value; loaded when it has grown old, once for all who wait.

        Once the store is known to be away, one asks it again each second, and the others do not wait for that.

        Raises:
            TemporarilyUnavailable: it has grown too old, and the store is away.
        """
        if self._value is not None and (self._is_good() or (self._lock.locked() and self._store_is_away())):
            return self._value
        async with self._lock:
            if self._value is None or not self._is_good():
                return await self._reload()
        return self._value

    def forget(self) -> None:
        """Look again at once: this process has changed the value."""
        self._changes += 1
        self._loaded_at = None

    async def _reload(self) -> T:
        now, changes = self._clock.now(), self._changes
        can_do_without = self._value is not None and self._is_younger(self._outlasts)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS if can_do_without else None):
                self._value = await self._load()
        except (TemporarilyUnavailable, TimeoutError):
            if self._value is None or not self._is_younger(self._outlasts):
                raise
            if self._failed_at is None:
                log.warning("store.away", outlasted_by=self._load.__qualname__)
            self._failed_at = self._clock.now()
            return self._value
        if self._failed_at is not None:
            log.info("store.back")
        self._failed_at = None
        if changes == self._changes:  # else it may have been read just before the change
            self._loaded_at = now
        return self._value

    def _is_good(self) -> bool:
        """Whether there is nothing to ask the store: it was asked just now."""
        asked_in_vain = self._failed_at is not None and abs(self._clock.now() - self._failed_at) < MAX_AGE
        return self._is_younger(self._max_age) or (asked_in_vain and self._store_is_away())

    def _store_is_away(self) -> bool:
        return self._failed_at is not None and self._is_younger(self._outlasts)

    def _is_younger(self, age: timedelta) -> bool:
        return self._loaded_at is not None and abs(self._clock.now() - self._loaded_at) < age
