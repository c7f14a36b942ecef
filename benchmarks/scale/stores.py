"""The servers that hold the accounts: one PostgreSQL with a database for each size, and a Redis for each size."""

import asyncio
import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from app.bootstrap import upgrade_schema
from app.settings import Settings
from app.tests.support.postgresql import FAST, PostgreSql
from app.tests.support.redis import RedisServer
from load.surroundings import environment_of, make_folder
from scale.fill import fill
from scale.people import Crowd

# Measured, and rounded up; of one account with its identity, its session and its lines of history.
DISK_BYTES = 2600
MEMORY_BYTES = 700  # in Redis, and as much again while it forks
SPARE_BYTES = 3 * 2**30  # PostgreSQL's journal, and room to work

# Until all is filled nothing is lost that could not be made again.
HASTE = {**FAST, "autovacuum": "off", "max_wal_size": "2GB", "maintenance_work_mem": "512MB"}
# Heaps and indexes, into PostgreSQL's own memory as far as they fit; the kernel may forget what it keeps of files.
WARM_UP = """
SELECT count(users.*) FROM users;
SELECT count(login_history.*) FROM login_history;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(id) FROM users;
SELECT count(email_key) FROM users;
SELECT count(user_id) FROM login_history;
"""
EVERYTHING = "SELECT pg_database_size(current_database())"


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What is kept about one size beside its data.

    Attributes:
        now: when the people were made, in milliseconds since 1970.
        seconds: how long that took.
        database_bytes, redis_bytes: on the disk, and in memory.
    """

    size: int
    database: str
    now: int
    seconds: float
    database_bytes: int
    redis_bytes: int


@dataclass(frozen=True, kw_only=True)
class Place:
    """One size, ready to be asked.

    Attributes:
        address: of the database.
        environment: of a service.
    """

    crowd: Crowd
    address: str
    environment: dict[str, str]


@contextmanager
def opened(folder: Path, *, kept: bool, buffers_mb: int) -> Iterator["Stores"]:
    """Start PostgreSQL; stop it in the end, and remove it unless it is to be kept."""
    with ExitStack() as stack:
        data = make_folder(folder / "postgresql")
        database = stack.enter_context(PostgreSql.running(data, kept=kept))
        stores = Stores(folder, database, stack, buffers_mb)
        stores.configure({"shared_buffers": f"{buffers_mb}MB"})
        database.stop()
        database.start()
        yield stores


def memory(name: str) -> int:
    """Bytes, as the kernel tells."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


class Stores:
    """Fills what is missing, and opens what is there."""

    def __init__(self, folder: Path, database: PostgreSql, stack: ExitStack, buffers_mb: int) -> None:
        self._folder = folder
        self._buffers = buffers_mb * 2**20
        self._stack = stack
        self.database = database

    def configure(self, settings: dict[str, str]) -> None:
        for name, value in settings.items():
            self.database.execute(self._maintenance, f"ALTER SYSTEM SET {name} = '{value}'")
        self.database.execute(self._maintenance, "SELECT pg_reload_conf()")

    @property
    def _maintenance(self) -> str:
        return self.database.address_of("postgres")

    def note_of(self, size: int) -> Filled:
        """What is known about a size that is filled."""
        return Filled(**json.loads(self._note(size).read_text(encoding="utf-8")))

    def _note(self, size: int) -> Path:
        return self._folder / f"{size}.json"

    def missing(self, sizes: Sequence[int]) -> list[int]:
        """Raises: SystemExit, when what is missing would not fit."""
        missing = [size for size in sizes if not self._note(size).exists()]
        disk, needed = sum(missing) * DISK_BYTES + SPARE_BYTES, sum(sizes) * MEMORY_BYTES + self._buffers
        free = shutil.disk_usage(self._folder).free
        if missing and disk > free:
            raise SystemExit(f"{self._folder} has {_gb(free)} free, and {_gb(disk)} are needed: see --folder, --sizes")
        if needed > memory("MemAvailable"):
            available = _gb(memory("MemAvailable"))
            raise SystemExit(f"{available} of memory are free, and {_gb(needed)} are needed: see --sizes")
        return missing

    def fill(self, size: int, advance: Callable[[int], None]) -> None:
        """Make one size."""
        began = time.monotonic()
        shutil.rmtree(self._redis_folder(size), ignore_errors=True)  # of a filling that was broken off
        self.configure(HASTE)
        address = self.database.fresh_database()
        crowd = Crowd(size=size, now=time.time_ns() // 1_000_000)
        with self._redis(size) as redis:
            settings = Settings.read(environment_of(self._folder, address, redis.url))
            _make_schema(settings)
            fill(self.database, address, redis, crowd, settings, advance)
            with redis.admin() as admin:
                redis_bytes = admin.info("memory")["used_memory"]
        filled = Filled(
            size=size,
            database=PostgreSql.name_of(address),
            now=crowd.now,
            seconds=time.monotonic() - began,
            database_bytes=int(self.database.execute(address, EVERYTHING)),
            redis_bytes=redis_bytes,
        )
        self._note(size).write_text(json.dumps(asdict(filled)), encoding="utf-8")

    def open(self, size: int) -> Place:
        """Start the Redis of a size that is filled."""
        filled = self.note_of(size)
        redis = self._stack.enter_context(self._redis(size))
        address = self.database.address_of(filled.database)
        environment = environment_of(self._folder, address, redis.url)
        return Place(crowd=Crowd(size=size, now=filled.now), address=address, environment=environment)

    def warm_up(self, sizes: Sequence[int]) -> None:
        """Read from the disk what is asked for, as it would have been in days of service; as far as it fits."""
        for size in sizes:
            self.database.execute(self.database.address_of(self.note_of(size).database), WARM_UP)

    def settle(self) -> None:
        """From here on as in production: every commit waits for the disk."""
        for name in HASTE:
            self.database.execute(self._maintenance, f"ALTER SYSTEM RESET {name}")
        self.database.execute(self._maintenance, "SELECT pg_reload_conf()")
        self.database.execute(self._maintenance, "CHECKPOINT")

    @contextmanager
    def _redis(self, size: int) -> Iterator[RedisServer]:
        redis = RedisServer(self._redis_folder(size))
        redis.start()
        try:
            yield redis
        finally:
            redis.stop()

    def _redis_folder(self, size: int) -> Path:
        return self._folder / f"redis-{size}"


def _make_schema(settings: Settings) -> None:
    asyncio.run(upgrade_schema(settings))


def _gb(size: float) -> str:
    return f"{size / 2**30:.1f} GB"
