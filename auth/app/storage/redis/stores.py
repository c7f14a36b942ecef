"""Every store on one Redis."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from app.ports.clock import Clock
from app.ports.tokens import TokenStore
from app.redis_address import RedisAddress
from app.storage.redis.client import RedisClient
from app.storage.redis.ephemeral import RedisEphemeral
from app.storage.redis.introduction import Introduction
from app.storage.redis.limits import RedisLimits
from app.storage.redis.token_store import RedisTokenStore


@dataclass(frozen=True, kw_only=True)
class RedisStores:
    """Attributes:
    counters: of requests, for the rate limits.
    """

    tokens: RedisTokenStore
    ephemeral: RedisEphemeral
    counters: RedisLimits
    client: RedisClient

    async def ping(self) -> None:
        """Raises: TemporarilyUnavailable, when Redis does not answer."""
        await self.client.ping()

    async def close(self) -> None:
        await self.client.close()


def open_redis(
    address: RedisAddress, clock: Clock, *, catch_up: Callable[[TokenStore], Awaitable[object]]
) -> RedisStores:
    """Open the stores; connections are made at first use.

    Args:
        catch_up: tells a server that was restarted, or took over, what has ended lately.
    """

    async def introduce() -> None:
        async with AsyncExitStack() as stack:
            client = RedisClient(address)  # of its own: the other one waits until this is done
            stack.push_async_callback(client.close)
            await catch_up(RedisTokenStore(client, clock))

    client = RedisClient(address, Introduction(introduce))
    return RedisStores(
        tokens=RedisTokenStore(client, clock),
        ephemeral=RedisEphemeral(client, clock),
        counters=RedisLimits(client),
        client=client,
    )
