"""The database moves to another host: the service follows, and stays with whoever may be written to."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.settings import Secret
from app.storage.sql.postgresql import split_hosts
from app.tests.support.clock import ManualClock
from app.tests.support.people import register
from app.tests.support.postgresql import PostgreSql
from app.tests.support.proxy import Proxy
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Viewer

pytestmark = pytest.mark.outage

BORIS = {"email": "boris@example.ru", "password": PASSWORD}


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two hosts: the one that is written to, and the one that follows it."""

    primary: PostgreSql
    standby: PostgreSql
    before_primary: Proxy
    before_standby: Proxy
    url: str

    def address(self, query: str = "") -> str:
        """The standby stands first, so that the order decides nothing."""
        hosts = f"127.0.0.1:{self.before_standby.port},127.0.0.1:{self.before_primary.port}"
        return f"postgresql://postgres@{hosts}/{PostgreSql.name_of(self.url)}{query}"


@pytest.fixture
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PostgreSql, PostgreSql]]:
    with (
        PostgreSql.running(tmp_path_factory.mktemp("primary")) as primary,
        primary.standby(tmp_path_factory.mktemp("standby")) as standby,
    ):
        yield primary, standby


@pytest.fixture
async def pair(servers: tuple[PostgreSql, PostgreSql]) -> AsyncIterator[Pair]:
    primary, standby = servers
    url = primary.fresh_database()
    standby.wait_for(primary)
    async with Proxy.before(primary.socket) as one, Proxy.before(standby.socket) as other:
        yield Pair(primary=primary, standby=standby, before_primary=one, before_standby=other, url=url)


@pytest.fixture
async def service(pair: Pair, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Service]:
    """The service with both hosts in its address, and Anna's account."""
    async with serving(tmp_path / "data", clock, database_url=Secret(pair.address())) as running:
        await register(running, "anna@example.ru")
        yield running


async def login_when_possible(viewer: Viewer) -> None:
    for _ in range(20):
        answer = await viewer.login("anna@example.ru")
        if answer.status == 200:
            return
        assert answer.code == "temporarily-unavailable"
    raise AssertionError("the service does not find the new server")


async def test_after_a_failover_the_service_writes_to_the_other_host(
    pair: Pair, service: Service, viewer: Viewer
) -> None:
    await viewer.login("anna@example.ru")
    pair.standby.wait_for(pair.primary)
    pair.primary.kill()
    pair.before_primary.refuse()
    away = await viewer.post("/register", BORIS)
    pair.standby.promote()

    await login_when_possible(viewer)

    assert away.status == 503
    assert (await viewer.post("/register", BORIS)).status == 202
    assert await service.count("users") == 2


async def test_a_host_that_keeps_silent_keeps_nobody_from_the_other_one(
    pair: Pair, service: Service, viewer: Viewer
) -> None:
    await viewer.login("anna@example.ru")
    pair.standby.wait_for(pair.primary)
    pair.before_primary.black_hole()
    pair.standby.promote()

    await login_when_possible(viewer)

    assert (await viewer.refresh()).status == 200


async def test_a_host_that_became_read_only_is_left_though_its_connections_live(
    pair: Pair, service: Service, viewer: Viewer
) -> None:
    """FS-15: the client must not stick to the old host."""
    await viewer.login("anna@example.ru")
    pair.standby.wait_for(pair.primary)
    pair.primary.execute(pair.url, "ALTER SYSTEM SET default_transaction_read_only = on")
    pair.primary.execute(pair.url, "SELECT pg_reload_conf()")
    pair.standby.promote()

    await login_when_possible(viewer)

    copy = pair.standby.address_of(PostgreSql.name_of(pair.url))
    assert pair.standby.execute(copy, "SELECT count(*) FROM sessions") == "2"


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://u:p@one/db", ["postgresql://u:p@one/db"]),
        ("postgresql://one:1,two:2/db?a=b", ["postgresql://one:1/db?a=b", "postgresql://two:2/db?a=b"]),
        ("postgresql://u:p%40,x@one,two/db", ["postgresql://u:p%40,x@one/db", "postgresql://u:p%40,x@two/db"]),
        ("postgresql://[::1]:5,[::2]/db", ["postgresql://[::1]:5/db", "postgresql://[::2]/db"]),
        ("postgresql://u@/db?host=/run/sock", ["postgresql://u@/db?host=/run/sock"]),
    ],
)
def test_an_address_with_several_hosts_is_taken_apart(url: str, hosts: list[str]) -> None:
    assert split_hosts(url) == hosts
