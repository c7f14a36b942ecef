"""A real Redis server (or Valkey), brought up from the distribution's package."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from time import sleep

from redis import Redis
from redis.exceptions import AuthenticationError, BusyLoadingError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError

DATABASES = 10_000
HOST = "127.0.0.1"
PACE = 0.01  # of asking whether a server is ready; what is waited for is its answer


class RedisServer:
    """A server of our own; each test gets a database of its own. It can be killed and started again.

    Args:
        options: further lines of its configuration, such as `cluster-enabled yes`.
    """

    def __init__(self, folder: Path, *options: str, port: int | None = None) -> None:
        self.port = port or free_port()
        self._folder = folder
        self._options = options
        self._numbers = count()
        self._databases: dict[Path, int] = {}
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def running(cls, folder: Path, *options: str) -> Iterator["RedisServer"]:
        """Serve until the block is left."""
        server = cls(folder, *options)
        server.start()
        try:
            yield server
        finally:
            server.kill()

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}"

    def fresh_database(self) -> str:
        """The address of an empty database."""
        return f"{self.url}/{next(self._numbers)}"

    def database_for(self, data_dir: Path) -> str:
        """The database that goes with a data folder: the same again for whoever comes back to it."""
        number = self._databases.setdefault(data_dir, next(self._numbers))
        return f"{self.url}/{number}"

    def start(self) -> None:
        """Start it on the data that it had, and wait until it answers."""
        self._folder.mkdir(parents=True, exist_ok=True)
        configuration = self._folder / "redis.conf"
        own = (f"bind {HOST}", f"port {self.port}", f"dir {self._folder}", "appendonly yes", 'save ""', "daemonize no")
        cluster = any(line.startswith("cluster-enabled") for line in self._options)
        lines = [*own, *self._options, *([] if cluster else [f"databases {DATABASES}"])]
        configuration.write_text("\n".join(lines), encoding="utf-8")
        with (self._folder / "output.txt").open("ab") as output:
            self._process = subprocess.Popen([redis_binary(), configuration], stdout=output, stderr=output)
        self._wait()

    def _wait(self) -> None:
        assert self._process is not None
        with self.admin() as redis:
            while self._process.poll() is None:
                try:
                    redis.ping()
                except (AuthenticationError, ResponseError):  # it wants a password: so it answers
                    return
                except (RedisConnectionError, BusyLoadingError):
                    sleep(PACE)
                else:
                    return
        raise AssertionError((self._folder / "output.txt").read_text(encoding="utf-8"))

    def stop(self) -> None:
        """As an operator does: what it knows is written first."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait()
        self._process = None

    def kill(self) -> None:
        """As a power cut does: no handler runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def admin(self, database: int = 0) -> Redis:
        """A connection past the service, for looking and for breaking things."""
        return Redis(host=HOST, port=self.port, db=database, socket_timeout=5)


def redis_binary() -> str:
    """The server's program."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    assert found, "the tests need a Redis server: apt install redis-server"
    return found


def free_port() -> int:
    """A port whose port + 10000 is valid too: Redis Cluster's bus uses it."""
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = int(probe.getsockname()[1])
        if port < 55_000:
            return port


class RedisCluster:
    """Three nodes that share the keys among them."""

    def __init__(self, nodes: list[RedisServer]) -> None:
        self.nodes = nodes

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator["RedisCluster"]:
        """Serve until the block is left."""
        with ExitStack() as stack:
            options = ("cluster-enabled yes", "cluster-node-timeout 1000", "cluster-require-full-coverage no")
            folders = [folder / str(number) for number in range(3)]
            nodes = [stack.enter_context(RedisServer.running(each, *options)) for each in folders]
            _join(nodes)
            yield cls(nodes)

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"{HOST}:{node.port}" for node in self.nodes)

    def fresh_database(self) -> str:
        """The address, after everything was removed: a cluster has one database."""
        for node in self.nodes:
            with node.admin() as redis:
                redis.flushall()
        return self.url


def _join(nodes: list[RedisServer]) -> None:
    """Share the 16,384 slots out, introduce everybody to the first, and wait until all agree."""
    share = 16_384 // len(nodes) + 1
    for number, node in enumerate(nodes):
        with node.admin() as redis:
            redis.execute_command("CLUSTER", "ADDSLOTSRANGE", number * share, min(16_384, (number + 1) * share) - 1)
            redis.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            redis.execute_command("CLUSTER", "MEET", HOST, nodes[0].port)
    for node in nodes:
        with node.admin() as redis:
            while b"cluster_state:ok" not in redis.execute_command("CLUSTER", "INFO") or _known(redis) < len(nodes):
                sleep(PACE)


def _known(redis: Redis) -> int:
    """How many nodes a node knows together with their share."""
    return len(redis.execute_command("CLUSTER", "SLOTS"))  # type: ignore[no-untyped-call]
