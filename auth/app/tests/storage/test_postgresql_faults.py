"""PostgreSQL stumbles: whoever asks is told to come back, nothing is lost, and nobody has to restart the service."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from app.settings import Secret
from app.tests.support.clock import ManualClock
from app.tests.support.people import signed_in
from app.tests.support.postgresql import PostgreSql
from app.tests.support.proxy import Proxy
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Answer, Viewer

pytestmark = pytest.mark.outage

BORIS = {"email": "boris@example.ru", "password": PASSWORD}
WRITING = "SET default_transaction_read_only = off;"
TABLES = ("users", "sessions", "login_history", "outbox")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSql]:
    """A server of this file's own: it is stopped, killed and filled up."""
    with PostgreSql.running(tmp_path_factory.mktemp("faulty")) as running:
        yield running


@pytest.fixture
async def proxy(server: PostgreSql) -> AsyncIterator[Proxy]:
    async with Proxy.before(server.socket) as standing:
        yield standing


@pytest.fixture
def url(server: PostgreSql) -> str:
    """The way past the proxy."""
    return server.fresh_database()


@pytest.fixture
async def service(proxy: Proxy, url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Service]:
    database = Secret(PostgreSql.by_proxy(url, proxy.port))
    async with serving(tmp_path / "data", clock, database_url=database) as running:
        yield running


@asynccontextmanager
async def holding(url: str, statement: str) -> AsyncIterator[None]:
    """Another session that has run a statement, and does not come to the end of its transaction."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute(statement)
            yield
    finally:
        await connection.close()


async def count_rows(service: Service) -> list[int]:
    return [await service.count(table) for table in TABLES]


def refused(answer: Answer) -> bool:
    """Whether the caller was told to come back."""
    assert answer.status != 503 or int(answer.headers["Retry-After"]) > 0
    return (answer.status, answer.code) == (503, "temporarily-unavailable")


async def until(condition: Callable[[], bool]) -> None:
    """Ask again and again."""
    while True:
        if condition():
            return
        await asyncio.sleep(0.01)  # lets the service work; what is waited for is the condition


async def login_when_possible(viewer: Viewer, email: str = "anna@example.ru") -> int:
    """Sign in as soon as the database lets it; give how often it did not."""
    for tries in range(20):
        answer = await viewer.login(email)
        if answer.status == 200:
            return tries
        assert refused(answer)
    raise AssertionError("the service does not recover")


async def test_while_all_is_read_only_reading_goes_on(
    server: PostgreSql, url: str, service: Service, anna: Viewer
) -> None:
    """FS-15."""
    before = await count_rows(service)
    server.configure(url, "default_transaction_read_only", "on")

    reads = [await anna.get("/me"), await anna.get("/me")]
    writes = [
        await anna.login("anna@example.ru"),
        await anna.post("/register", BORIS),
        await anna.call("PATCH", "/me", json={"name": "Аня"}),
        await anna.post("/logout/all"),
    ]

    assert [answer.status for answer in reads] == [200, 200]
    assert all(map(refused, writes))
    assert await count_rows(service) == before
    server.execute(url, f"{WRITING} ALTER DATABASE {PostgreSql.name_of(url)} RESET default_transaction_read_only")
    await login_when_possible(anna)
    assert (await anna.get("/me")).json["name"] == "Анна"


async def test_a_row_that_somebody_holds_delays_only_who_needs_it(url: str, service: Service, anna: Viewer) -> None:
    """FS-16."""
    async with signed_in(service, "boris@example.ru") as boris:
        async with holding(url, "SELECT * FROM users WHERE email = 'anna@example.ru' FOR UPDATE"):
            waiting = [asyncio.create_task(anna.login("anna@example.ru")) for _ in range(5)]
            others = [await boris.login("boris@example.ru"), await boris.refresh(), await boris.get("/me")]
            answers = await asyncio.gather(*waiting)

        assert [answer.status for answer in others] == [200] * 3
        assert all(map(refused, answers))
        assert await login_when_possible(anna) == 0


async def test_when_every_connection_waits_the_others_are_told_so(url: str, service: Service, anna: Viewer) -> None:
    """FS-16: with the pool exhausted nobody hangs, and what needs no database is served."""
    async with holding(url, "SELECT * FROM users WHERE email = 'anna@example.ru' FOR UPDATE"):
        waiting = [asyncio.create_task(anna.login("anna@example.ru")) for _ in range(30)]
        alive = await anna.get(f"{service.url}/livez")
        answers = await asyncio.gather(*waiting)

    assert alive.status == 200
    assert all(map(refused, answers))
    assert await login_when_possible(anna) == 0


async def test_a_server_without_a_free_connection_is_no_error_of_ours(
    server: PostgreSql, proxy: Proxy, url: str, tmp_path: Path, clock: ManualClock
) -> None:
    """FS-16: 53300. The service owns its database here, and is no superuser."""
    role = f"cinema_{PostgreSql.name_of(url)}"
    server.execute(url, f"CREATE ROLE {role} LOGIN; ALTER DATABASE {PostgreSql.name_of(url)} OWNER TO {role}")
    server.execute(url, f"ALTER SCHEMA public OWNER TO {role}")
    own = PostgreSql.by_proxy(url, proxy.port, user=role)
    running = serving(tmp_path / "data", clock, database_url=Secret(own))
    async with running as service, signed_in(service, "anna@example.ru") as anna:
        server.execute(url, f"ALTER ROLE {role} CONNECTION LIMIT 0")
        server.disconnect(url)
        answers = [await anna.login("anna@example.ru"), await anna.get(f"{service.url}/readyz")]
        server.execute(url, f"ALTER ROLE {role} CONNECTION LIMIT -1")

        assert refused(answers[0])
        assert (answers[1].status, answers[1].json["failing"]) == (503, ["database"])
        assert await login_when_possible(anna) == 0


@pytest.mark.parametrize(
    "code",
    [
        "53100",  # disk_full
        "53200",  # out_of_memory
        "55P03",  # lock_not_available
        "57014",  # query_canceled
        "58030",  # io_error
        "XX001",  # data_corrupted
    ],
)
async def test_what_the_server_cannot_do_is_not_done_by_half(
    code: str, server: PostgreSql, url: str, service: Service, anna: Viewer
) -> None:
    """FS-18: at the last write of a sign-in; as soon as there is room, everything goes on."""
    before = await count_rows(service)
    server.execute(
        url,
        f"""
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$;
        CREATE TRIGGER fail BEFORE INSERT ON login_history FOR EACH ROW EXECUTE FUNCTION fail();
    """,
    )

    answer = await anna.login("anna@example.ru")

    assert refused(answer)
    assert await count_rows(service) == before
    assert (await anna.get("/me")).status == 200
    server.execute(url, "DROP TRIGGER fail ON login_history")
    assert await login_when_possible(anna) == 0


@pytest.mark.parametrize("way", ["stop", "kill"])
async def test_what_was_acknowledged_is_there_after_a_restart_of_the_server(
    way: str, server: PostgreSql, service: Service, anna: Viewer
) -> None:
    """FS-36 in small: the sessions and keys of before, the account of the last moment."""
    registered = await anna.post("/register", BORIS)
    getattr(server, way)()
    away = [await anna.login("anna@example.ru"), await anna.post("/register", BORIS)]
    ready = await anna.get(f"{service.url}/readyz")
    server.start()
    await login_when_possible(anna)

    assert registered.status == 202
    assert all(map(refused, away))
    assert (ready.status, ready.json["failing"]) == (503, ["database"])
    assert await service.count("users") == 2
    assert (await anna.get("/me")).status == 200


async def test_connections_that_the_server_has_closed_cost_nobody_an_error(
    server: PostgreSql, url: str, anna: Viewer
) -> None:
    await asyncio.gather(*(anna.get("/me") for _ in range(20)))  # so that there are several

    server.disconnect(url)

    answers = await asyncio.gather(*(anna.get("/me") for _ in range(20)))
    assert {answer.status for answer in answers} == {200}


async def test_a_server_out_of_reach_hangs_nobody(proxy: Proxy, service: Service, anna: Viewer) -> None:
    """FS-06 for PostgreSQL: no reset, no refusal, only silence; on old connections and on new ones."""
    before = await count_rows(service)
    proxy.black_hole()

    first = await asyncio.gather(*(anna.login("anna@example.ru") for _ in range(15)))
    second = await anna.login("anna@example.ru")
    alive = await anna.get(f"{service.url}/livez")

    assert alive.status == 200
    assert all(map(refused, [*first, second]))
    await proxy.heal()
    await login_when_possible(anna)
    assert await service.count("sessions") == before[1] + 1


async def test_a_reset_connection_costs_nobody_an_error(proxy: Proxy, anna: Viewer) -> None:
    proxy.cut()

    assert (await anna.login("anna@example.ru")).status == 200


async def test_what_became_of_a_lost_commit_is_left_open_and_never_repeated(
    server: PostgreSql, proxy: Proxy, url: str, service: Service, anna: Viewer
) -> None:
    """Rule 2.1: the caller hears 503 although the server has committed; a second run would sign in twice."""
    before = await service.count("sessions")
    server.execute(
        url,
        """
        CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_advisory_xact_lock_shared(42); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON sessions DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION wait();
    """,
    )
    async with holding(url, "SELECT pg_advisory_xact_lock(42)"):
        signing_in = asyncio.create_task(anna.login("anna@example.ru"))
        await until(lambda: server.execute(url, "SELECT count(*) FROM pg_locks WHERE NOT granted") != "0")
        proxy.cut()
        answer = await signing_in

    assert refused(answer)
    await until(lambda: server.execute(url, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "0")
    assert await service.count("sessions") == before + 1
