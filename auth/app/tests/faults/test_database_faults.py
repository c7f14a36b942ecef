"""PostgreSQL dies, keeps silent, has no connection left, or goes together with Redis."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.tests.faults.installation import Installation
from app.tests.faults.reckoning import people_in_trouble
from app.tests.faults.test_redis_faults import health
from app.tests.support.postgresql import PostgreSql
from app.tests.support.proxy import Proxy


@pytest.fixture
def own_postgresql(tmp_path: Path) -> Iterator[PostgreSql]:
    """A server that the test may kill."""
    (tmp_path / "postgresql").mkdir()
    with PostgreSql.running(tmp_path / "postgresql") as server:
        yield server


async def test_postgresql_is_killed_and_comes_back(installation: Installation, own_postgresql: PostgreSql) -> None:
    """Rule 2.1: refreshes go on, everything else is refused; no service is restarted, nothing committed is lost."""
    own = replace(installation, database=own_postgresql.database_for(installation.folder))
    async with people_in_trouble(own, "refusals", "lost attempts") as crowd:
        own_postgresql.kill()
        before = crowd.seen["refresh 200"]
        await crowd.acts(120)
        during = await health(crowd.services[0])
        own_postgresql.start()

    assert during == [200, 503, 200]
    assert crowd.seen["refresh 200"] > before


async def test_both_stores_are_killed_and_come_back(installation: Installation, own_postgresql: PostgreSql) -> None:
    """Redis is not believed before the database has told it what has ended."""
    own = replace(installation, database=own_postgresql.database_for(installation.folder))
    async with people_in_trouble(own, "refusals", "lost attempts") as crowd:
        own_postgresql.kill()
        own.redis.kill()
        await crowd.acts()
        own.redis.start()
        await crowd.acts()
        own_postgresql.start()


async def test_fs_16_postgresql_keeps_silent(installation: Installation, postgresql: PostgreSql) -> None:
    """Nobody waits long, neither for an answer nor for one of the connections that wait for theirs."""
    async with Proxy.before(postgresql.socket) as proxy:
        by_proxy = {"AUTH_DATABASE_URL": PostgreSql.by_proxy(installation.database, proxy.port)}
        async with people_in_trouble(installation, "refusals", "lost attempts", changes=by_proxy) as crowd:
            proxy.black_hole()
            await crowd.acts(120)
            during = await health(crowd.services[0])
            await proxy.heal()

    assert during == [200, 503, 200]
