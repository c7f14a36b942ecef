"""Counters of requests in Redis: one count for all processes."""

from typing import Any, cast

from limits.aio.storage import RedisStorage
from limits.aio.storage.redis.redispy import RedispyBridge

from app.storage.redis.client import RedisClient


class RedisLimits(RedisStorage):
    """The library's counters on our own client, so that waiting and failing are as everywhere."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        super().__init__("async+redis://", implementation="redispy", key_prefix="auth:limit")

    def configure_bridge(self) -> None:
        bridge = cast(RedispyBridge, self.bridge)
        ours: Any = self._client.redis
        bridge.storage, bridge.connection_getter = ours, lambda _: ours

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        async with self._client.guarded():
            return await super().acquire_sliding_window_entry(key, limit, expiry, amount)

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        async with self._client.guarded():
            return await super().get_sliding_window(key, expiry)
