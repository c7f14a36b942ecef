"""A real Redis with a replica, watched by a real Sentinel."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import sleep

from app.tests.support.redis import HOST, PACE, RedisServer

SERVICE = "tokens"
DOWN_AFTER_MILLISECONDS = 500


class RedisSentinel:
    """One server, one replica of it, one Sentinel that lets the replica take over."""

    def __init__(self, master: RedisServer, replica: RedisServer, sentinel: RedisServer) -> None:
        self.master = master
        self.replica = replica
        self.sentinel = sentinel

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator["RedisSentinel"]:
        """Serve until the block is left."""
        with ExitStack() as stack:
            master = stack.enter_context(RedisServer.running(folder / "one"))
            replica = stack.enter_context(RedisServer.running(folder / "other", f"replicaof {HOST} {master.port}"))
            sentinel = RedisServer(folder / "sentinel", *_rules(master), arguments=("--sentinel",))
            sentinel.start()
            stack.callback(sentinel.kill)
            found = cls(master, replica, sentinel)
            found._wait_for_the_replica()
            yield found

    @property
    def url(self) -> str:
        return f"redis+sentinel://{HOST}:{self.sentinel.port}/{SERVICE}"

    def fresh_database(self) -> str:
        """The address, after everything was removed."""
        with self.master.admin() as redis:
            redis.flushall()
        return self.url

    def master_port(self) -> int:
        """Who serves, as Sentinel says."""
        with self.sentinel.admin() as asked:
            return int(asked.sentinel_get_master_addr_by_name(SERVICE)[1])

    def _wait_for_the_replica(self) -> None:
        with self.sentinel.admin() as asked:
            while not any(each["port"] == self.replica.port for each in asked.sentinel_slaves(SERVICE)):
                sleep(PACE)
        with self.replica.admin() as redis:
            while redis.info("replication")["master_link_status"] != "up":
                sleep(PACE)


def _rules(master: RedisServer) -> tuple[str, ...]:
    return (
        f"sentinel monitor {SERVICE} {HOST} {master.port} 1",
        f"sentinel down-after-milliseconds {SERVICE} {DOWN_AFTER_MILLISECONDS}",
        f"sentinel failover-timeout {SERVICE} 5000",
    )
