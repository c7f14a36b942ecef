"""The service starts before its database and its Redis, as containers do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from app.cli.waiting import StoreAway, wait_for_stores
from app.settings import Secret, Settings
from app.tests.support.postgresql import PostgreSql
from app.tests.support.process import started
from app.tests.support.proxy import Proxy
from app.tests.support.redis import HOST, RedisServer, free_port
from app.tests.support.service import settings_for_test

PASSWORD = "never-shown"


def settings_with(folder: Path, store: str, address: str) -> Settings:
    return settings_for_test(
        folder, **{"database_url": Secret(), "redis_url": Secret(), f"{store}_url": Secret(address)}
    )


class Told(asyncio.Queue[tuple[str, str]]):
    """What the waiting says."""

    def __call__(self, name: str, reason: str) -> None:
        self.put_nowait((name, reason))


@pytest.fixture
async def proxy(redis: RedisServer) -> AsyncIterator[Proxy]:
    async with Proxy.before((HOST, redis.port)) as before:
        yield before


async def test_a_store_that_comes_late_is_waited_for(proxy: Proxy, tmp_path: Path) -> None:
    proxy.refuse()
    told = Told()

    waiting = asyncio.create_task(
        wait_for_stores(settings_with(tmp_path, "redis", f"redis://{HOST}:{proxy.port}/0"), told)
    )
    name, reason = await told.get()
    assert not waiting.done()
    await proxy.heal()
    await waiting

    assert (name, str(proxy.port) in reason) == ("redis", True)


@pytest.mark.parametrize(
    ("store", "address"),
    [("database", "postgresql://auth:{password}@{place}/auth"), ("redis", "redis://:{password}@{place}/0")],
)
async def test_a_store_that_never_comes_is_named_without_its_password(store: str, address: str, tmp_path: Path) -> None:
    port = free_port()
    url = address.format(password=PASSWORD, place=f"{HOST}:{port}")

    with pytest.raises(StoreAway) as raised:
        await wait_for_stores(settings_with(tmp_path, store, url), Told(), patience_seconds=0)

    assert str(raised.value).startswith(f"{store} does not answer: ")
    assert str(port) in str(raised.value)
    assert PASSWORD not in str(raised.value)


async def test_a_refused_password_is_told(tmp_path: Path) -> None:
    with RedisServer.running(tmp_path / "redis", "requirepass another") as redis:
        settings = settings_with(tmp_path, "redis", f"redis://:{PASSWORD}@{HOST}:{redis.port}/0")

        with pytest.raises(StoreAway, match="AuthenticationError") as raised:
            await wait_for_stores(settings, Told(), patience_seconds=0)

    assert PASSWORD not in str(raised.value)


async def test_a_server_that_answers_is_not_waited_for_and_needs_no_schema(
    postgresql: PostgreSql, tmp_path: Path
) -> None:
    told = Told()

    await wait_for_stores(settings_with(tmp_path, "database", postgresql.fresh_database()), told, patience_seconds=0)

    assert told.empty()


async def test_the_service_waits_for_its_database_says_so_and_then_serves(
    postgresql: PostgreSql, tmp_path: Path
) -> None:
    parts = urlsplit(postgresql.fresh_database())
    socket = Path(parse_qs(parts.query)["host"][0]) / ".s.PGSQL.5432"
    output = tmp_path / "output.txt"
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(Proxy.before(socket))
        proxy.refuse()
        serving = started(tmp_path, AUTH_DATABASE_URL=f"postgresql://postgres@{HOST}:{proxy.port}{parts.path}")
        starting = asyncio.create_task(stack.enter_async_context(serving))
        while not (output.exists() and "start.waiting" in output.read_text()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # the pace of looking at what another process does
        await proxy.heal()
        process = await starting
        viewer = await stack.enter_async_context(process.viewer())

        assert (await viewer.get("/.well-known/jwks.json")).status == 200


async def test_the_service_begins_without_its_redis(tmp_path: Path) -> None:
    """Tokens go on being verified: the keys are in the database."""
    nobody = f"redis://{HOST}:{free_port()}"

    async with started(tmp_path, AUTH_REDIS_URL=nobody) as process, process.viewer() as viewer:
        ready = await viewer.get(f"{process.url}/readyz")
        keys = await viewer.get("/.well-known/jwks.json")

    assert (ready.status, ready.json["failing"], keys.status) == (503, ["redis"], 200)
