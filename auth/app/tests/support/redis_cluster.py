"""A real Redis Cluster on loopback."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
    "cluster-node-timeout 1000",
    "cluster-require-full-coverage no",
    "cluster-replica-validity-factor 0",  # a replica may take over however long it has heard nothing
)


class RedisCluster:
    """Three nodes that share the keys among them, and a replica of each if wanted."""

    def __init__(self, masters: list[RedisServer], replicas: list[RedisServer]) -> None:
        self.masters = masters
        self.replicas = replicas

    @classmethod
    @contextmanager
    def running(cls, folder: Path, *, replicated: bool = False) -> Iterator["RedisCluster"]:
        """Serve until the block is left."""
        with ExitStack() as stack:
            count = MASTERS * 2 if replicated else MASTERS
            folders = [folder / str(number) for number in range(count)]
            nodes = [stack.enter_context(RedisServer.running(each, *OPTIONS)) for each in folders]
            masters, replicas = nodes[:MASTERS], nodes[MASTERS:]
            _join(masters, replicas)
            yield cls(masters, replicas)

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


def _join(masters: list[RedisServer], replicas: list[RedisServer]) -> None:
    """Share the slots out, introduce everybody to the first, give each its replica, wait until all agree."""
    for number, node in enumerate(masters):
        _ask(node, "CLUSTER", "ADDSLOTSRANGE", number * SHARE, min(SLOTS, (number + 1) * SHARE) - 1)
        _ask(node, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    everybody = [*masters, *replicas]
    for node in everybody:
        _ask(node, "CLUSTER", "MEET", HOST, masters[0].port)
    for node in everybody:
        while b"cluster_state:ok" not in _ask(node, "CLUSTER", "INFO") or _known(node) < len(everybody):
            sleep(PACE)
    for master, replica in zip(masters, replicas, strict=False):
        _ask(replica, "CLUSTER", "REPLICATE", _ask(master, "CLUSTER", "MYID"))
    for node in everybody:
        while _serving(node) < len(everybody):
            sleep(PACE)


def _known(node: RedisServer) -> int:
    """How many nodes a node knows."""
    return len(_ask(node, "CLUSTER", "NODES"))


def _serving(node: RedisServer) -> int:
    """How many nodes a node knows together with their share; a replica counts once it has its master's data."""
    return sum(len(share) - 2 for share in _ask(node, "CLUSTER", "SLOTS"))


def _ask(node: RedisServer, *command: object) -> Any:
    with node.admin() as redis:
        return _execute(redis, *command)


def _execute(redis: Redis, *command: object) -> Any:
    return redis.execute_command(*command)  # type: ignore[no-untyped-call]
