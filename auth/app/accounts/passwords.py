"""Hashing passwords without slowing anything else down."""

from argon2 import Parameters
from argon2 import PasswordHasher as Argon2

from app.accounts.hashing import ARGON2
from app.accounts.hashing_process import HashingProcess
from app.errors import TemporarilyUnavailable


class PasswordHasher:
    """argon2id in a bounded number of low-priority processes, one per core.

    They are the limit on memory (their number times the cost) and on time: what does not fit into
    their queues is refused at once instead of making everybody wait.

    Args:
        parameters: see `hashing.argon2id_of`.
        queue: how many may wait per process.
    """

    def __init__(self, parameters: Parameters, *, processes: int, queue: int) -> None:
        self._usual = Argon2.from_parameters(parameters)
        self._processes = [HashingProcess(parameters) for _ in range(processes)]
        self._places = processes * (queue + 1)

    def expect_room(self) -> None:
        """Ask before anything is looked up whether a password could be hashed at all.

        Raises:
            TemporarilyUnavailable: too many are waiting.
        """
        if sum(process.load for process in self._processes) >= self._places:
            raise TemporarilyUnavailable("too many sign-ins at this moment", retry_after=1)

    async def hash(self, password: str) -> str:
        """Hash a password for storage.

        Raises:
            TemporarilyUnavailable: too many are waiting, or nothing can be hashed.
        """
        return str(await self._ask({"password": password}))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Compare a password with a stored hash, or with a decoy of the same cost when there is none.

        A hash that was imported from another system costs what it did there, until it is renewed.

        Raises:
            TemporarilyUnavailable: too many are waiting, or nothing can be hashed.
        """
        return await self._ask({"password": password, "hash": password_hash or None}) is True

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's, or by another system."""
        return not password_hash.startswith(ARGON2) or self._usual.check_needs_rehash(password_hash)

    def close(self) -> None:
        for process in self._processes:
            process.close()

    async def _ask(self, request: dict[str, str | None]) -> str | bool:
        self.expect_room()
        return await min(self._processes, key=lambda process: process.load).ask(request)
