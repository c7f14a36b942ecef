"""One-time values in Redis: for every process of an installation."""

import struct
from datetime import timedelta
from typing import cast

from app.ports.clock import Clock
from app.storage.redis.client import RedisClient

_MOMENT = struct.Struct(">d")


class RedisEphemeral:
    """`ports.ephemeral.Ephemeral`. Each value carries its end by our clock; Redis forgets it by its own."""

    def __init__(self, client: RedisClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def put(self, key: str, value: bytes, *, ttl: timedelta) -> None:
        expires = self._now() + ttl.total_seconds()
        async with self._client.guarded():
            await self._client.redis.set(_name(key), _MOMENT.pack(expires) + value, px=ttl)

    async def take(self, key: str) -> bytes | None:
        async with self._client.guarded():
            stored = cast(bytes | None, await self._client.redis.getdel(_name(key)))
        if stored is None or _MOMENT.unpack_from(stored)[0] <= self._now():
            return None
        return stored[_MOMENT.size :]

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _name(key: str) -> str:
    return f"auth:once:{key}"
