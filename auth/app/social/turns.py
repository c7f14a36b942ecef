"""Whose turn it is: many callbacks may be under way, and few of them work at one moment."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from time import monotonic

from app.errors import TemporarilyUnavailable
from app.ports.breaker import Breaker
from app.ports.storage import WriteConflict

AT_ONCE = 2  # one computes while the other waits for the database; all others on the loop wait for each
MOST_WAITING = 5000
PATIENCE_SECONDS = 30  # to begin again at the provider would be worse, for whoever waits and for those behind


class Turns:
    """A fair queue for what a callback computes and stores; waiting for a provider takes no turn.

    When a provider answers late, all who wait for it come back in the same moment. They queue up here, and every
    other route goes on as if there were only a few of them. When the database is away, the whole queue is told so
    at once, instead of each finding out for himself.
    """

    def __init__(
        self,
        *,
        at_once: int = AT_ONCE,
        most_waiting: int = MOST_WAITING,
        patience_seconds: float = PATIENCE_SECONDS,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._places = asyncio.Semaphore(at_once)  # the next is who has waited longest
        self._most_waiting = most_waiting
        self._patience_seconds = patience_seconds
        self._waiting = 0
        self._breaker = Breaker(now=now)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[None]:
        """The work before the provider is asked: nothing has been used up yet, so it costs little to come again.

        Raises:
            TemporarilyUnavailable: too many wait already, or the database is away.
        """
        if self._waiting >= self._most_waiting:
            raise TemporarilyUnavailable(retry_after=5)
        async with self._turn():
            if self._breaker.wait_seconds() > 0:
                raise TemporarilyUnavailable
            yield

    @asynccontextmanager
    async def go_on(self) -> AsyncIterator[None]:
        """Work with a transaction in it, such as all that is left when the provider has answered.

        Raises:
            TemporarilyUnavailable: the queue was too long, or the database is away.
        """
        async with self._turn():
            if not self._breaker.admit():
                raise TemporarilyUnavailable
            with self._watch():
                yield

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience_seconds):
                await self._places.acquire()
        except TimeoutError:
            raise TemporarilyUnavailable(retry_after=5) from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    @contextmanager
    def _watch(self) -> Iterator[None]:
        """Note whether the stores answer; rivals in each other's way say nothing about that."""
        try:
            yield
        except TemporarilyUnavailable as error:
            if not isinstance(error, WriteConflict):
                self._breaker.failed()
            raise
        self._breaker.succeeded()
