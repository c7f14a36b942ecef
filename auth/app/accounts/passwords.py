"""Hashing passwords without slowing anything else down."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import TypeVar, TypeVarTuple

from app.accounts.password_hashes import PasswordHashes
from app.errors import TemporarilyUnavailable

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

NICENESS = 10
AT_ONCE = 4  # turns for each thread: while one hashes, others look up whose password it is, or write what came of it


class PasswordHasher:
    """A bounded pool of low-priority threads, one per core, and the queue before it.

    The pool is the limit on memory (threads times the cost), the queue on time: who does not fit into it is refused
    at once instead of making everybody wait. Those in the queue cost nothing. So thousands who come in one moment
    are no burden for those who come for something else, if all that goes with a hash is done in the turn for it.

    Args:
        queue: how many may wait per thread.
    """

    def __init__(self, hashes: PasswordHashes, *, threads: int, queue: int) -> None:
        self._hashes = hashes
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2", initializer=_lower_priority)
        self._turns = asyncio.Semaphore(threads * AT_ONCE)  # the next is who has waited longest
        self._places = threads * (queue + 1)
        self._taken = 0

    def expect_room(self) -> None:
        """Ask, before anything is counted or looked up, whether there is a place in the queue.

        Raises:
            TemporarilyUnavailable: too many are waiting.
        """
        if self._taken >= self._places:
            raise TemporarilyUnavailable("too many sign-ins at this moment", retry_after=1)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator["Turn"]:
        """Wait for a turn.

        Raises:
            TemporarilyUnavailable: too many are waiting.
        """
        self.expect_room()
        self._taken += 1
        try:
            async with self._turns:
                yield Turn(self._hashes, self._pool)
        finally:
            self._taken -= 1

    async def hash(self, password: str) -> str:
        """`Turn.hash`, in a turn for nothing else.

        Raises:
            TemporarilyUnavailable: too many are waiting.
        """
        async with self.turn() as turn:
            return await turn.hash(password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """`Turn.verify`, in a turn for nothing else.

        Raises:
            TemporarilyUnavailable: too many are waiting.
        """
        async with self.turn() as turn:
            return await turn.verify(password_hash, password)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


class Turn:
    """Hashing for whoever has waited for it."""

    def __init__(self, hashes: PasswordHashes, pool: ThreadPoolExecutor) -> None:
        self._hashes = hashes
        self._pool = pool

    async def hash(self, password: str) -> str:
        """Hash a password for storage."""
        return await self._run(self._hashes.make, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """See `PasswordHashes.match`."""
        return await self._run(self._hashes.match, password_hash, password)

    def needs_rehash(self, password_hash: str) -> bool:
        """See `PasswordHashes.need_renewal`."""
        return self._hashes.need_renewal(password_hash)

    async def _run(self, work: Callable[[*Ts], T], *given: *Ts) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *given)


def _lower_priority() -> None:
    with suppress(OSError):  # not every container may; hashing then merely competes as an equal
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
