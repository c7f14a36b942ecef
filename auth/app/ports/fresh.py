"""Something small of the store kept at hand: one look a second, whatever the load."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from app.ports.clock import Clock

T = TypeVar("T")

MAX_AGE = timedelta(seconds=1)  # what was changed in another process counts here within this time


class Fresh(Generic[T]):
    """One value as the store had it at most a second ago.

    Args:
        load: reads it.
    """

    def __init__(self, load: Callable[[], Awaitable[T]], clock: Clock) -> None:
        self._load, self._clock = load, clock
        self._value: T | None = None
        self._loaded_at: datetime | None = None
        self._changes = 0
        self._lock = asyncio.Lock()

    async def get(self) -> T:
        """The value; loaded when it has grown old, once for all who wait.

        Raises:
            TemporarilyUnavailable: it has grown old, and the store is away.
        """
        if self._value is None or not self._is_fresh():
            async with self._lock:
                if self._value is None or not self._is_fresh():
                    return await self._reload()
        return self._value

    def forget(self) -> None:
        """Look again at once: this process has changed the value."""
        self._changes += 1
        self._loaded_at = None

    async def _reload(self) -> T:
        now, changes = self._clock.now(), self._changes
        self._value = await self._load()
        if changes == self._changes:  # else it may have been read just before the change
            self._loaded_at = now
        return self._value

    def _is_fresh(self) -> bool:
        return self._loaded_at is not None and abs(self._clock.now() - self._loaded_at) < MAX_AGE
