"""A remote document kept at hand: fetched once for all who wait, served a while longer when its source fails."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from app.errors import AppError
from app.ports.clock import Clock
from app.social.errors import ProviderUnavailable

T = TypeVar("T")


class Cached(Generic[T]):
    """One document.

    Args:
        fetch: gets it; raises an `AppError` when it cannot.
        ttl: how long it is served without asking again.
        stale_ttl: how long it is served when asking again fails.
        pause: how long nothing is asked for again after a failure, or after asking before the document was old.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[T]],
        clock: Clock,
        *,
        ttl: timedelta,
        stale_ttl: timedelta,
        pause: timedelta,
    ) -> None:
        self._fetch, self._clock = fetch, clock
        self._ttl, self._stale_ttl, self._pause = ttl, stale_ttl, pause
        self._value: T | None = None
        self._fetched_at: datetime | None = None
        self._paused_at: datetime | None = None
        self._has_failed = False
        self._lock = asyncio.Lock()

    async def get(self, is_enough: Callable[[T], bool] = lambda _: True) -> T:
        """The document; asked for again when it is old, or, at most once per pause, when `is_enough` says no.

        Raises:
            ProviderUnavailable: there is none that serves, and none can be had now.
        """
        if self._is_wanting(is_enough):
            async with self._lock:
                # Whoever waited for the lock finds what the one before has fetched, or that it failed.
                if self._is_wanting(is_enough) and self._is_older(self._paused_at, self._pause):
                    await self._refresh()
        if self._value is None or self._is_older(self._fetched_at, self._stale_ttl):
            raise ProviderUnavailable
        if self._has_failed and not is_enough(self._value):
            raise ProviderUnavailable  # what is wanted may be in the one that could not be fetched
        return self._value

    async def _refresh(self) -> None:
        # An ordinary fetch begins no pause: a key that is replaced right after it must be found at once.
        pausing = self._is_fresh()
        try:
            self._value = await self._fetch()
            self._fetched_at = self._clock.now()
            self._has_failed = False
        except AppError:
            self._has_failed = pausing = True
            if self._value is None:
                raise
        finally:
            if pausing:
                self._paused_at = self._clock.now()

    def _is_wanting(self, is_enough: Callable[[T], bool]) -> bool:
        return self._value is None or not self._is_fresh() or not is_enough(self._value)

    def _is_fresh(self) -> bool:
        return not self._is_older(self._fetched_at, self._ttl)

    def _is_older(self, moment: datetime | None, than: timedelta) -> bool:
        return moment is None or abs(self._clock.now() - moment) >= than
