"""FS-17: of transactions in each other's way PostgreSQL undoes one, which then runs again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.ports.conflicts import rerun_on_conflict
from app.ports.storage import WriteConflict
from app.settings import Secret
from app.storage.sql.engine import open_engine
from app.storage.sql.schema import migrate
from app.storage.sql.storage import SqlStorage
from app.tests.storage.events import add_user
from app.tests.support.clock import ManualClock
from app.tests.support.postgresql import PostgreSql
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Viewer

NOW = datetime.now(UTC)


@pytest.fixture
def url(postgresql: PostgreSql) -> str:
    return postgresql.fresh_database()


@pytest.fixture
async def engine(url: str, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    opened = open_engine(url, tmp_path)
    await migrate(opened)
    yield opened
    await opened.dispose()


@pytest.fixture
def storage(engine: AsyncEngine) -> SqlStorage:
    return SqlStorage(engine)


class Pair:
    """Two transactions that meet in the middle, the first time that each of them runs."""

    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage
        self._middle = asyncio.Barrier(2)
        self.runs = 0

    async def meet(self) -> None:
        self.runs += 1
        if self.runs <= 2:
            await self._middle.wait()

    @rerun_on_conflict
    async def lock_both(self, first: UUID, second: UUID) -> None:
        async with self._storage.transaction() as tx:
            await tx.users.lock(first)
            await self.meet()
            await tx.users.lock(second)

    @rerun_on_conflict
    async def append(self, user_id: UUID, letter: str) -> None:
        async with self._storage.transaction() as tx:
            user = await tx.users.get(user_id)
            assert user is not None
            await self.meet()
            await tx.users.set_profile(user_id, name=(user.name or "") + letter, locale="ru")

    @rerun_on_conflict
    async def name_after(self, own: UUID, other: UUID, name: str) -> None:
        """Give oneself a name unless the other one has one: serializable transactions allow one of two."""
        async with self._storage.transaction() as tx:
            found = await tx.users.get(other)
            assert found is not None
            await self.meet()
            if found.name is None:
                await tx.users.set_profile(own, name=name, locale="ru")


async def names(storage: SqlStorage, *user_ids: UUID) -> list[str | None]:
    async with storage.transaction() as tx:
        found = [await tx.users.get(user_id) for user_id in user_ids]
    return [user.name for user in found if user]


async def test_a_deadlock_costs_one_transaction_a_second_run(
    storage: SqlStorage, postgresql: PostgreSql, url: str
) -> None:
    postgresql.configure(url, "deadlock_timeout", "10ms")
    anna, boris = await add_user(storage, NOW), await add_user(storage, NOW)
    pair = Pair(storage)

    await asyncio.gather(pair.lock_both(anna, boris), pair.lock_both(boris, anna))

    assert pair.runs == 3


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
async def test_no_write_is_lost_where_the_database_isolates_more(
    level: str, storage: SqlStorage, postgresql: PostgreSql, url: str
) -> None:
    postgresql.configure(url, "default_transaction_isolation", level)
    anna = await add_user(storage, NOW)
    pair = Pair(storage)

    await asyncio.gather(pair.append(anna, "a"), pair.append(anna, "b"))

    assert (await names(storage, anna))[0] in {"ab", "ba"}
    assert pair.runs == 3


async def test_a_conflict_that_shows_at_the_commit_is_one_too(
    storage: SqlStorage, postgresql: PostgreSql, url: str
) -> None:
    postgresql.configure(url, "default_transaction_isolation", "serializable")
    anna, boris = await add_user(storage, NOW), await add_user(storage, NOW)
    pair = Pair(storage)

    await asyncio.gather(pair.name_after(anna, boris, "Анна"), pair.name_after(boris, anna, "Борис"))

    assert (await names(storage, anna, boris)).count(None) == 1
    assert pair.runs == 3


async def test_the_storage_itself_says_that_another_transaction_was_in_the_way(
    storage: SqlStorage, engine: AsyncEngine
) -> None:
    async def fail(code: str) -> None:
        async with storage.transaction() as tx:
            await tx._connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$"))

    for code in ("40001", "40P01"):
        with pytest.raises(WriteConflict):
            await fail(code)


@pytest.fixture
async def service(url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Service]:
    async with serving(tmp_path / "data", clock, database_url=Secret(url)) as running:
        yield running


class SignInsFail:
    """Lets the next writes of the login history fail, and counts them all, those that are undone too."""

    def __init__(self, server: PostgreSql, url: str, code: str, *, times: int) -> None:
        self._server, self._url = server, url
        server.execute(
            url,
            f"""
            CREATE SEQUENCE tries;
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('tries') <= {times} THEN RAISE EXCEPTION USING ERRCODE = '{code}'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER fail BEFORE INSERT ON login_history FOR EACH ROW EXECUTE FUNCTION fail();
            """,
        )

    @property
    def tries(self) -> int:
        return int(self._server.execute(self._url, "SELECT last_value FROM tries"))


@pytest.mark.parametrize("code", ["40001", "40P01"])
async def test_the_caller_notices_nothing_of_three_conflicts(
    code: str, postgresql: PostgreSql, url: str, anna: Viewer
) -> None:
    failing = SignInsFail(postgresql, url, code, times=3)

    answer = await anna.login("anna@example.ru")

    assert (answer.status, failing.tries) == (200, 4)


@pytest.mark.parametrize("code", ["40001", "40P01"])
async def test_at_the_fourth_conflict_the_caller_is_told_to_come_back(
    code: str, postgresql: PostgreSql, url: str, service: Service, anna: Viewer
) -> None:
    before = await service.count("sessions")
    failing = SignInsFail(postgresql, url, code, times=4)

    refused = await anna.login("anna@example.ru")

    assert (refused.status, refused.code, failing.tries) == (503, "temporarily-unavailable", 4)
    assert int(refused.headers["Retry-After"]) > 0
    assert await service.count("sessions") == before
    assert (await anna.login("anna@example.ru")).status == 200


async def test_a_crowd_meets_no_error_where_the_database_isolates_most(
    postgresql: PostgreSql, url: str, service: Service, anna: Viewer
) -> None:
    postgresql.configure(url, "default_transaction_isolation", "serializable")

    registration = {"email": "boris@example.ru", "password": PASSWORD}
    answers = await asyncio.gather(
        *(anna.post("/register", registration) for _ in range(6)),
        *(anna.login("anna@example.ru") for _ in range(6)),
        *(anna.refresh() for _ in range(6)),
    )

    assert {answer.status for answer in answers} <= {200, 202, 503}
    assert await service.count("users") == 2
