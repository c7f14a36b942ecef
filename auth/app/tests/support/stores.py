"""Which stores the service under test runs on: `pytest --stores=embedded` (default) or `production`."""

from dataclasses import dataclass
from pathlib import Path

from app.settings import Secret
from app.tests.support.postgresql import PostgreSql
from app.tests.support.redis import RedisServer


@dataclass(frozen=True)
class ProductionStores:
    """The servers of a production installation."""

    postgresql: PostgreSql
    redis: RedisServer


_chosen: list[ProductionStores] = []


def use(stores: ProductionStores) -> None:
    """Run every service from now on on databases of these servers."""
    _chosen[:] = [stores]


def settings_of_stores(data_dir: Path) -> dict[str, Secret]:
    """The settings that lead a service with this data folder to its stores; none for the embedded ones in it."""
    return {
        name: Secret(server.database_for(data_dir))
        for stores in _chosen
        for name, server in (("database_url", stores.postgresql), ("redis_url", stores.redis))
    }
