"""One-time values in this process: for an installation of one process."""

import heapq
from datetime import timedelta

from app.errors import TemporarilyUnavailable
from app.ports.clock import Clock

MAX_VALUES = 200_000  # about 150 MB of login attempts at the very most


class MemoryEphemeral:
    """`ports.ephemeral.Ephemeral`. Forgets on restart: whoever was on the way starts again."""

    def __init__(self, clock: Clock, *, max_values: int = MAX_VALUES) -> None:
        self._clock = clock
        self._max_values = max_values
        self._values: dict[str, tuple[float, bytes]] = {}
        self._expiries: list[tuple[float, str]] = []

    async def put(self, key: str, value: bytes, *, ttl: timedelta) -> None:
        self._forget_expired()
        if len(self._values) >= self._max_values:
            raise TemporarilyUnavailable("too many sign-ins at this moment", retry_after=60)
        expires = self._now() + ttl.total_seconds()
        self._values[key] = (expires, value)
        heapq.heappush(self._expiries, (expires, key))

    async def take(self, key: str) -> bytes | None:
        expires, value = self._values.pop(key, (0.0, b""))  # one step, no await between: `take` is atomic
        return value if expires > self._now() else None

    def _forget_expired(self) -> None:
        now = self._now()
        while self._expiries and self._expiries[0][0] <= now:
            expires, key = heapq.heappop(self._expiries)
            if self._values.get(key, (0.0, b""))[0] == expires:
                del self._values[key]

    def _now(self) -> float:
        return self._clock.now().timestamp()
