"""A real Redis server (or Valkey), brought up from the distribution's package."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import sleep

from redis import Redis
from redis.exceptions import AuthenticationError, BusyLoadingError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

DATABASES = 10_000
HOST = "127.0.0.1"
PACE = 0.01  # of asking whether a server is ready; what is waited for is its answer


class RedisServer:
    """A server of our own; each test gets a database of its own. It can be killed and started again.

    Args:
        options: further lines of its configuration, such as `cluster-enabled yes`.
        arguments: of its program.
    """

    def __init__(self, folder: Path, *options: str, arguments: tuple[str, ...] = ()) -> None:
        self.port = free_port()
        self._folder = folder
        self._options = options
        self._arguments = arguments
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
        configuration.write_text("\n".join(self._configuration()), encoding="utf-8")
        with (self._folder / "output.txt").open("ab") as output:
            command = [redis_binary(), str(configuration), *self._arguments]
            self._process = subprocess.Popen(command, stdout=output, stderr=output)
        self._wait()

    def _configuration(self) -> list[str]:
        own = [f"bind {HOST}", f"port {self.port}", f"dir {self._folder}", "daemonize no"]
        if "--sentinel" in self._arguments:
            return [*own, *self._options]
        cluster = any(line.startswith("cluster-enabled") for line in self._options)
        # Whoever kills the server loses nothing by what is not on the disk yet: the operating system has it.
        stored = ["appendonly yes", "appendfsync no", 'save ""', "repl-diskless-sync-delay 0"]
        return [*own, *stored, *self._options, *([] if cluster else [f"databases {DATABASES}"])]

    def _wait(self) -> None:
        assert self._process is not None
        with self.admin() as redis:
            while self._process.poll() is None:
                try:
                    redis.ping()
                except (AuthenticationError, ResponseError):  # it wants a password: so it answers
                    return
                except (RedisConnectionError, RedisTimeoutError, BusyLoadingError):
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

    def freeze(self) -> None:
        """As a network does that drops every packet: connections are accepted, and nothing answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on, and does what it was asked meanwhile."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def written(self) -> int:
        """How long its journal is by now; see `lose_since`."""
        return self._journal().stat().st_size

    def lose_since(self, length: int) -> None:
        """Cut the journal of a server that was killed: what it had not brought to the disk is gone."""
        assert self._process is None
        os.truncate(self._journal(), length)

    def lose_everything(self) -> None:
        """Remove the data of a server that was killed."""
        assert self._process is None
        shutil.rmtree(self._folder / "appendonlydir")

    def _journal(self) -> Path:
        [journal] = (self._folder / "appendonlydir").glob("*.incr.aof")
        return journal

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
