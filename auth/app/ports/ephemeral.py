"""Short-lived one-time values: login attempts and hand-over codes."""

from datetime import timedelta
from typing import Protocol


class Ephemeral(Protocol):
    """Keeps values that are used once, soon, or never.

    A key is a kind and the hash of a secret, such as `login-attempt:<sha-256>`: no caller's text
    becomes part of it, and a value of one kind cannot be taken as another.
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
