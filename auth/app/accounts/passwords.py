"""Hashing passwords without slowing anything else down."""

import asyncio
import os
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from argon2 import PasswordHasher as Argon2
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.foreign_hashes import read_foreign_hash
from app.errors import TemporarilyUnavailable

T = TypeVar("T")

NICENESS = 10
SALT_BYTES, HASH_BYTES = 16, 32
ARGON2 = "$argon2"


class PasswordHasher:
    """argon2id in a bounded pool of low-priority threads, one per core.

    The pool is the limit on memory (threads times the cost) and on time: what does not fit into
    its queue is refused at once instead of making everybody wait.

    Args:
        memory_kib, time_cost, parallelism: RFC 9106's m, t and p.
        queue: how many may wait per thread.
    """

    def __init__(self, *, memory_kib: int, time_cost: int, parallelism: int, threads: int, queue: int) -> None:
        self._argon2 = Argon2(
            time_cost=time_cost,
            memory_cost=memory_kib,
            parallelism=parallelism,
            hash_len=HASH_BYTES,
            salt_len=SALT_BYTES,
        )
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2", initializer=_lower_priority)
        self._places = threads * (queue + 1)
        self._taken = 0
        self._decoy = self._argon2.hash("a password that nobody has")

    def expect_room(self) -> None:
        """Ask before anything is looked up whether a password could be hashed at all.

        Raises:
            TemporarilyUnavailable: too many are waiting.
        """
        if self._taken >= self._places:
            raise TemporarilyUnavailable("too many sign-ins at this moment", retry_after=1)

    async def hash(self, password: str) -> str:
        """Hash a password for storage.

        Raises:
            TemporarilyUnavailable: too many are waiting.
        """
        return await self._run(lambda: self._argon2.hash(normalise(password)))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Compare a password with a stored hash, or with a decoy of the same cost when there is none.

        A hash that was imported from another system costs what it did there, until it is renewed.

        Raises:
            TemporarilyUnavailable: too many are waiting.
        """
        matches = await self._run(lambda: self._verify(password_hash or self._decoy, password))
        return matches and bool(password_hash)

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's, or by another system."""
        return not password_hash.startswith(ARGON2) or self._argon2.check_needs_rehash(password_hash)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            if password_hash.startswith(ARGON2):
                return self._verify_argon2(password_hash, password)
            foreign = read_foreign_hash(password_hash)
            return foreign is not None and foreign.matches(password.encode())  # as typed: so do the others take it
        except (UnicodeError, ValueError, MemoryError):  # nothing that can be hashed, or no usable hash at all
            return False

    def _verify_argon2(self, password_hash: str, password: str) -> bool:
        """Ours are of the normalised password; one that was imported is of the password as it was typed."""
        normalised, typed = normalise(password), password.encode()
        if self._matches_argon2(password_hash, normalised):
            return True
        return typed != normalised and self.needs_rehash(password_hash) and self._matches_argon2(password_hash, typed)

    def _matches_argon2(self, password_hash: str, password: bytes) -> bool:
        try:
            return self._argon2.verify(password_hash, password)
        except (VerificationError, InvalidHashError):  # wrong, or no hash at all
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        self.expect_room()
        self._taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._taken -= 1


def normalise(password: str) -> bytes:
    """NFKC (NIST SP 800-63B-4, section 3.1.1.2), nothing trimmed, folded or cut."""
    return unicodedata.normalize("NFKC", password).encode()


def _lower_priority() -> None:
    with suppress(OSError):  # not every container may; hashing then merely competes as an equal
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
