"""A real Redis Cluster on loopback."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from time import sleep
from typing import Any

from redis import Redis
from redis.crc import key_slot

from app.tests.support.redis import HOST, PACE, RedisServer

MASTERS = 3
SLOTS = 16_384
SHARE = SLOTS // MASTERS + 1  # of slots, for each of them
OPTIONS = (
    "cluster-enabled yes",
    "cluster-require-full-coverage no",
)


class RedisCluster:
    """Three nodes that share the keys among them."""

    def __init__(self, masters: list[RedisServer]) -> None:
        self.masters = masters

    @classmethod
    @contextmanager
    def running(cls, folder: Path, *, node_timeout: timedelta = timedelta(seconds=1)) -> Iterator["RedisCluster"]:
        """Serve until the block is left.

        Args:
            node_timeout: how long a node may keep silent before the others take it for gone.
        """
        with ExitStack() as stack:
            folders = [folder / str(number) for number in range(MASTERS)]
            options = (*OPTIONS, f"cluster-node-timeout {node_timeout // timedelta(milliseconds=1)}")
            masters = [stack.enter_context(RedisServer.running(each, *options)) for each in folders]
            _join(masters)
            yield cls(masters)

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"{HOST}:{node.port}" for node in self.masters)

    def fresh_database(self) -> str:
        """The address, after everything was removed: a cluster has one database."""
        for node in self.masters:
            with node.admin() as redis:
                redis.flushall()
        return self.url


def home(tag: bytes) -> int:
    """Which of the masters has the keys of a hash tag, counted from 0."""
    return key_slot(tag) // SHARE


def _join(masters: list[RedisServer]) -> None:
    """Share the slots out, introduce everybody to the first, wait until all agree."""
    for number, node in enumerate(masters):
        _ask(node, "CLUSTER", "ADDSLOTSRANGE", number * SHARE, min(SLOTS, (number + 1) * SHARE) - 1)
        _ask(node, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    for node in masters:
        _ask(node, "CLUSTER", "MEET", HOST, masters[0].port)
    for node in masters:
        while b"cluster_state:ok" not in _ask(node, "CLUSTER", "INFO") or _serving(node) < MASTERS:
            sleep(PACE)


def _serving(node: RedisServer) -> int:
    """How many nodes a node knows together with their share."""
    return len(_ask(node, "CLUSTER", "SLOTS"))


def _ask(node: RedisServer, *command: object) -> Any:
    with node.admin() as redis:
        return _execute(redis, *command)


def _execute(redis: Redis, *command: object) -> Any:
    return redis.execute_command(*command)  # type: ignore[no-untyped-call]
