"""What every test can ask for."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from app.settings import Settings
from app.storage.redis import client, connections
from app.storage.sql import postgresql as postgresql_engine
from app.storage.sql import storage
from app.tests.support import stores
from app.tests.support.clock import ManualClock
from app.tests.support.postgresql import PostgreSql
from app.tests.support.redis import RedisServer
from app.tests.support.redis_cluster import RedisCluster
from app.tests.support.redis_sentinel import RedisSentinel
from app.tests.support.service import Service, free_socket, run_service, settings_for_test
from app.tests.support.viewer import PASSWORD, Viewer
from emulator import Emulator

# A machine that runs tests has others to serve, and stands still now and then; nobody must take that for an outage.
BUSY, MILLISECOND = timedelta(minutes=1), timedelta(milliseconds=1)
WAITS = (
    (client, "PATIENCE_SECONDS"),
    (connections, "COMMAND_SECONDS"),
    (postgresql_engine, "ACQUIRE_SECONDS"),
    (postgresql_engine, "CONNECT_SECONDS"),
    (postgresql_engine, "ANSWER_SECONDS"),
    (storage, "TRANSACTION_SECONDS"),
)

hypothesis_settings.register_profile("ci", deadline=None, max_examples=200)


def pytest_addoption(parser: pytest.Parser) -> None:
    help_text = "What the service keeps its data in. The contract suites run on every store anyway."
    parser.addoption("--stores", choices=["embedded", "production"], default="embedded", help=help_text)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, openly, what the chosen stores cannot be asked."""
    if config.getoption("--stores") != "embedded":
        left_out = [item for item in items if item.get_closest_marker("embedded")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session", autouse=True)
def chosen_stores(request: pytest.FixtureRequest) -> None:
    """Put the option into force."""
    if request.config.getoption("--stores") == "production":
        servers = (request.getfixturevalue("postgresql"), request.getfixturevalue("redis"))
        stores.use(stores.ProductionStores(*servers))


@pytest.fixture(scope="module", autouse=True)
def patience(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the service wait for its stores as long as it takes, unless the module is about how long it does."""
    with pytest.MonkeyPatch.context() as patch:
        if not request.node.get_closest_marker("outage"):
            for module, name in WAITS:
                patch.setattr(module, name, BUSY.total_seconds())
            patch.setitem(postgresql_engine.SERVER_LIMITS, "statement_timeout", f"{BUSY // MILLISECOND}")
        yield


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSql]:
    """A PostgreSQL server, started by the first test that asks for it."""
    with PostgreSql.running(tmp_path_factory.mktemp("postgresql")) as server:
        yield server


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis server, started by the first test that asks for it."""
    with RedisServer.running(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def redis_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    """A Redis Cluster of three nodes."""
    with RedisCluster.running(tmp_path_factory.mktemp("cluster"), node_timeout=BUSY) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def redis_sentinel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisSentinel]:
    """A Redis with a replica, watched by a Sentinel."""
    with RedisSentinel.running(tmp_path_factory.mktemp("sentinel")) as group:
        yield group


@pytest.fixture
async def service(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Service]:
    """The service on its own, with no provider configured."""
    with free_socket() as listener:
        async with run_service(settings_for_test(tmp_path / "data"), clock, listener) as running:
            yield running


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """The four providers, knowing the callback addresses of `social_service`."""
    async with Emulator() as running:
        yield running


@pytest.fixture
async def social_service(tmp_path: Path, clock: ManualClock, emulator: Emulator) -> AsyncIterator[Service]:
    """The service with all four providers, which live in the emulator."""
    with free_socket() as listener:
        settings = _social_settings(tmp_path, emulator, listener.getsockname()[1])
        async with run_service(settings, clock, listener) as running:
            yield running


def _social_settings(tmp_path: Path, emulator: Emulator, port: int) -> Settings:
    url = f"http://127.0.0.1:{port}"
    emulator.allow_redirects(f"{url}/auth/api/v1/oauth/authorize")
    given = Settings.read({**emulator.environment(), "AUTH_RETURN_URLS": "https://cinema.example/welcome"})
    names = ("yandex", "vk", "google", "mail", "return_urls")
    return settings_for_test(tmp_path / "data", **{name: getattr(given, name) for name in names})


@pytest.fixture
async def viewer(service: Service) -> AsyncIterator[Viewer]:
    """Somebody without an account."""
    async with service.viewer() as somebody:
        yield somebody


@pytest.fixture
async def anna(service: Service) -> AsyncIterator[Viewer]:
    """Anna, who has confirmed anna@example.ru and is signed in."""
    async with service.viewer() as somebody:
        await somebody.post("/register", {"email": "anna@example.ru", "password": PASSWORD, "name": "Анна"})
        await somebody.post("/email/confirm", {"token": await service.confirmation_token("anna@example.ru")})
        await somebody.login("anna@example.ru")
        yield somebody
