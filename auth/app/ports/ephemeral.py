"""Short-lived one-time values: login attempts and hand-over codes."""

from datetime import timedelta
from typing import Protocol


class Ephemeral(Protocol):
    """Keeps values that are used once, soon, or never.

    Keys are made by `key_for`, so that a caller's text never becomes part of a key and values of
    one kind cannot be taken as another (RFC 9700, section 4.5; the store sees hashes only).
    """

    async def put(self, key: str, value: bytes, *, ttl: timedelta) -> None:
        """Store `value` until it is taken or `ttl` has passed.

        Raises:
            TemporarilyUnavailable: the store is away, or full.
        """
        ...

    async def take(self, key: str) -> bytes | None:
        """Read and remove in one atomic step: of many takers exactly one gets the value.

        Raises:
            TemporarilyUnavailable: the store is away.
        """
        ...
