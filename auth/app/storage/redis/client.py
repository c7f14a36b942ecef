"""One connection to Redis, whatever its shape, whose every wait is bounded and every failure a 503."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster, Sentinel, SSLConnection
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from app.errors import TemporarilyUnavailable
from app.ports.breaker import Breaker
from app.redis_address import RedisAddress
from app.storage.redis.introduction import Introduction

CONNECTIONS = 50
COMMAND_SECONDS = 1
PATIENCE_SECONDS = 1.5  # for everything together: a free connection, its greeting, the command, one more try

Argument = str | int


@dataclass(frozen=True, kw_only=True)
class Script:
    """A Lua script: one verb, one atomic step."""

    text: str = field(repr=False)
    digest: str


@cache
def script(name: str) -> Script:
    """The script `scripts/<name>.lua`."""
    text = (Path(__file__).parent / "scripts" / f"{name}.lua").read_text(encoding="utf-8")
    return Script(text=text, digest=sha1(text.encode(), usedforsecurity=False).hexdigest())


class RedisClient:
    """What the stores on Redis share.

    Args:
        introduction: what a server that this process has not met yet must be told first.
    """

    def __init__(self, address: RedisAddress, introduction: Introduction | None = None) -> None:
        self.redis = _open(address, introduction)
        self._introduction = introduction
        self._breaker = Breaker()

    async def run(self, chosen: Script, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """Run a script on keys of one hash tag.

        Raises:
            TemporarilyUnavailable: Redis is away, full, or not what it should be.
        """
        async with self.guarded():
            try:
                return await self.redis.evalsha(chosen.digest, len(keys), *keys, *arguments)
            except NoScriptError:  # the first time, and after a restart
                return await self.redis.eval(chosen.text, len(keys), *keys, *arguments)

    @asynccontextmanager
    async def guarded(self) -> AsyncIterator[None]:
        """Bound the waiting inside, and say in the words of the ports what went wrong."""
        if not self._breaker.admit():
            raise TemporarilyUnavailable
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                if self._introduction is not None:
                    await self._introduction.settle()
                yield
        except (RedisConnectionError, RedisTimeoutError, TimeoutError, OSError) as error:
            self._breaker.failed()
            raise TemporarilyUnavailable from error
        except RedisError as error:  # it answers, but not what it should: full, read-only, another type at the key
            raise TemporarilyUnavailable from error
        self._breaker.succeeded()

    def owe(self) -> None:
        """An end could not be told: it will be, before anything else is asked."""
        if self._introduction is not None:
            self._introduction.owe()

    async def ping(self) -> None:
        """Raises: TemporarilyUnavailable, when Redis does not answer."""
        async with self.guarded():
            await self.redis.ping()

    async def close(self) -> None:
        await self.redis.aclose()


def _open(address: RedisAddress, introduction: Introduction | None) -> "Redis | RedisCluster":
    """The client; connections are made at first use.

    A lost connection is tried again once, at once: every verb may be repeated, but for taking a one-time value, which
    then counts as used.
    """
    options: dict[str, Any] = {
        "username": address.user,
        "password": address.password,
        "socket_timeout": COMMAND_SECONDS,
        "socket_connect_timeout": COMMAND_SECONDS,
        "retry": Retry(NoBackoff(), 1),
    }
    if address.tls and address.ca_file:
        options["ssl_ca_certs"] = address.ca_file
    match address.kind:
        case "single":
            return _open_single(address, options, introduction)
        case "sentinel":
            return _open_sentinel(address, options, introduction)
        case "cluster":
            return _open_cluster(address, options, introduction)


def _open_single(address: RedisAddress, options: dict[str, Any], introduction: Introduction | None) -> Redis:
    if introduction is not None:
        options["redis_connect_func"] = introduction.greet
    if address.tls:
        options["connection_class"] = SSLConnection
    host, port = address.hosts[0]
    pool = BlockingConnectionPool(
        max_connections=CONNECTIONS, timeout=COMMAND_SECONDS, host=host, port=port, db=address.database, **options
    )
    return Redis.from_pool(pool)


def _open_sentinel(address: RedisAddress, options: dict[str, Any], introduction: Introduction | None) -> Redis:
    asking = {"password": address.sentinel_password, "socket_timeout": COMMAND_SECONDS / 2}
    sentinel = Sentinel(list(address.hosts), sentinel_kwargs=asking)  # type: ignore[no-untyped-call]
    if introduction is not None:
        options["redis_connect_func"] = introduction.greet
    found: Redis = sentinel.master_for(address.service, ssl=address.tls, max_connections=CONNECTIONS, **options)
    return found


def _open_cluster(address: RedisAddress, options: dict[str, Any], introduction: Introduction | None) -> RedisCluster:
    nodes = [ClusterNode(host, port) for host, port in address.hosts]
    client = RedisCluster(startup_nodes=nodes, ssl=address.tls, max_connections=CONNECTIONS, **options)
    if introduction is not None:  # the constructor takes no such function, the connections do
        client.nodes_manager.connection_kwargs["redis_connect_func"] = introduction.greet
        for node in client.nodes_manager.startup_nodes.values():
            node.connection_kwargs["redis_connect_func"] = introduction.greet
    return client
