"""Which stores the service under test runs on: `pytest --stores=embedded` (default) or `postgresql`."""

from pathlib import Path

from app.tests.support.postgresql import PostgreSql

_chosen: list[PostgreSql] = []


def use(server: PostgreSql) -> None:
    """Run every service from now on on databases of this server."""
    _chosen[:] = [server]


def database_url(data_dir: Path) -> str:
    """`AUTH_DATABASE_URL` of a service with this data folder; empty for the embedded database in it."""
    return _chosen[0].database_for(data_dir) if _chosen else ""
