"""Every store on one Redis."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from typing import cast

from redis.asyncio import Redis
from redis.exceptions import AskError

from app.errors import TemporarilyUnavailable
from app.ports.clock import Clock
from app.ports.tokens import TokenStore
from app.redis_address import RedisAddress
from app.storage.redis.client import Call, RedisClient, Script
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
        await self.tokens.settle()

    async def close(self) -> None:
        with suppress(TemporarilyUnavailable):  # then the next process tells it
            await self.tokens.settle()
        await self.client.close()


class NodeClient(RedisClient):
    """One server, whatever it is a part of. In a cluster, what belongs to other nodes is left to them."""

    async def run_each(self, chosen: Script, calls: Sequence[Call]) -> None:
        """In one round trip."""
        async with self.guarded():
            pipeline = cast(Redis, self.redis).pipeline(transaction=False)
            _ = pipeline.script_load(chosen.text)
            for keys, arguments in calls:
                _ = pipeline.evalsha(chosen.digest, len(keys), *keys, *arguments)
            answers = await pipeline.execute(raise_on_error=False)
            for answer in answers:
                if isinstance(answer, Exception) and not isinstance(answer, AskError):  # `MovedError` is a kind of it
                    raise answer


def open_redis(
    address: RedisAddress, clock: Clock, *, catch_up: Callable[[TokenStore], Awaitable[object]]
) -> RedisStores:
    """Open the stores; connections are made at first use.

    Args:
        catch_up: tells a server that was restarted, or took over, what has ended lately.
    """

    async def introduce(host: str, port: int) -> None:
        async with AsyncExitStack() as stack:
            # A connection of its own, to this very server: the other ones wait until this is done.
            node = NodeClient(replace(address, kind="single", hosts=((host, port),)))
            stack.push_async_callback(node.close)
            await catch_up(RedisTokenStore(node, clock))

    introduction = Introduction(introduce, in_cluster=address.kind == "cluster")
    client = RedisClient(address, introduction.greet)
    return RedisStores(
        tokens=RedisTokenStore(client, clock),
        ephemeral=RedisEphemeral(client, clock),
        counters=RedisLimits(client),
        client=client,
    )
