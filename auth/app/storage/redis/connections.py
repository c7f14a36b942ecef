"""How redis-py is set up for each shape of Redis: nothing waits long, and nothing is repeated often."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Connection, ConnectionPool, Redis, RedisCluster, Sentinel, SSLConnection
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

from app.redis_address import RedisAddress

COMMAND_SECONDS = 1
SENTINEL_SECONDS = 0.3  # short: two that keep silent leave time enough for asking the third

Greet = Callable[[Connection], Awaitable[None]]
"""Finishes a new connection before its first command, or raises."""


@dataclass(frozen=True, kw_only=True)
class Connections:
    """The client, and what has to be closed with it."""

    redis: "Redis | RedisCluster"
    sentinel: Sentinel | None = None

    async def close(self) -> None:
        await self.redis.aclose()
        if isinstance(self.redis, RedisCluster):  # which leaves all open after an error
            await self.redis.nodes_manager.aclose()
            await self.redis.nodes_manager.aclose("startup_nodes")
        if self.sentinel is not None:
            await self.sentinel.aclose()


def open_connections(address: RedisAddress, most: int, greet: Greet | None) -> Connections:
    """Set the client up; connections are made at first use.

    A lost connection is tried again once, at once: every verb may be repeated, but for taking a one-time value, which
    then counts as used.

    Args:
        most: how many connections to a server; a pool is never asked for more, it would refuse.
    """
    options: dict[str, Any] = {
        "username": address.user,
        "password": address.password,
        "socket_timeout": COMMAND_SECONDS,
        "socket_connect_timeout": COMMAND_SECONDS,
        "retry": Retry(NoBackoff(), 1),
        "max_connections": most,
        "maint_notifications_config": MaintNotificationsConfig(
            enabled=False
        ),  # of a vendor's cloud; costs a round trip
    }
    if address.tls and address.ca_file:
        options["ssl_ca_certs"] = address.ca_file
    match address.kind:
        case "single":
            return _open_single(address, options, greet)
        case "sentinel":
            return _open_sentinel(address, options, greet)
        case "cluster":
            return _open_cluster(address, options, greet)


def _open_single(address: RedisAddress, options: dict[str, Any], greet: Greet | None) -> Connections:
    kind = SSLConnection if address.tls else Connection
    host, port = address.hosts[0]
    pool = ConnectionPool(kind, host=host, port=port, db=address.database, redis_connect_func=greet, **options)
    return Connections(redis=Redis.from_pool(pool))


def _open_sentinel(address: RedisAddress, options: dict[str, Any], greet: Greet | None) -> Connections:
    asking = {
        "password": address.sentinel_password,
        "socket_timeout": SENTINEL_SECONDS,
        "socket_connect_timeout": SENTINEL_SECONDS,
        "retry": Retry(NoBackoff(), 0),  # there is another one to ask
    }
    sentinel = Sentinel(list(address.hosts), sentinel_kwargs=asking)  # type: ignore[no-untyped-call]
    found: Redis = sentinel.master_for(address.service, ssl=address.tls, redis_connect_func=greet, **options)
    return Connections(redis=found, sentinel=sentinel)


def _open_cluster(address: RedisAddress, options: dict[str, Any], greet: Greet | None) -> Connections:
    nodes = [ClusterNode(host, port) for host, port in address.hosts]
    client = RedisCluster(
        startup_nodes=nodes,
        ssl=address.tls,
        require_full_coverage=False,  # keys that have a node are served, though others may have none
        reinitialize_steps=0,  # else every fifth redirection closes the connections that others are using
        **options,
    )
    if greet is not None:  # the constructor takes no such function, the connections do
        client.nodes_manager.connection_kwargs["redis_connect_func"] = greet
        for node in client.nodes_manager.startup_nodes.values():
            node.connection_kwargs["redis_connect_func"] = greet
    return Connections(redis=client)
