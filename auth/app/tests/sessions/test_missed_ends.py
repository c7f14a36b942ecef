"""A session ends while one of the two stores is away: the other one learns of it, and it stays ended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from app.settings import Secret
from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, signed_in
from app.tests.support.postgresql import PostgreSql
from app.tests.support.proxy import Proxy
from app.tests.support.redis import HOST, RedisServer
from app.tests.support.service import Service, serving
from app.tests.support.viewer import Viewer

PAST_THE_WINDOW = timedelta(seconds=11)


class Stores:
    """A database and a Redis of one test, with ways to them that can be cut."""

    def __init__(self, database: str, redis: str, to_database: Proxy, to_redis: Proxy) -> None:
        self.database, self.redis = database, redis
        self.to_database, self.to_redis = to_database, to_redis

    @asynccontextmanager
    async def serving(self, data_dir: Path, clock: ManualClock) -> AsyncIterator[Service]:
        """One of several processes on these stores."""
        urls = {"database_url": Secret(self.database), "redis_url": Secret(self.redis)}
        async with serving(data_dir, clock, public_url="http://auth.example", **urls) as service:
            yield service

    @asynccontextmanager
    async def serving_by_proxy(self, data_dir: Path, clock: ManualClock) -> AsyncIterator[Service]:
        """Another one, whose ways can be cut."""
        number = self.redis.rpartition("/")[2]
        redis = Secret(f"redis://{HOST}:{self.to_redis.port}/{number}")
        database = Secret(PostgreSql.by_proxy(self.database, self.to_database.port))
        urls = {"database_url": database, "redis_url": redis}
        async with serving(data_dir, clock, public_url="http://auth.example", **urls) as service:
            yield service


@pytest.fixture
async def stores(postgresql: PostgreSql, redis: RedisServer) -> AsyncIterator[Stores]:
    async with Proxy.before(postgresql.socket) as to_database, Proxy.before((HOST, redis.port)) as to_redis:
        yield Stores(postgresql.fresh_database(), redis.fresh_database(), to_database, to_redis)


async def replay_while_the_database_is_away(stores: Stores, anna: Viewer, clock: ManualClock) -> None:
    """The token store has ended the session when the database is to be told."""
    stolen = anna.refresh_token
    anna.keep(await anna.refresh())
    clock.advance(PAST_THE_WINDOW)
    assert (await anna.get("/me")).status == 200  # the keys are at hand
    stores.to_database.refuse()
    replay = await anna.refresh(stolen)
    await stores.to_database.heal()
    assert replay.status == 503


async def theft_records(service: Service) -> list[int]:
    """How often the history, the sessions and the mailbox say so."""
    history = "SELECT id FROM login_history WHERE outcome = 'token-reused'"
    sessions = "SELECT id FROM sessions WHERE end_reason = 'token-reused'"
    mails = [mail for mail in await service.mails("anna@example.ru") if "завершили один из ваших" in mail.subject]
    return [len(await execute(service, history)), len(await execute(service, sessions)), len(mails)]


async def test_a_theft_is_recorded_once_though_the_database_was_away(
    stores: Stores, tmp_path: Path, clock: ManualClock
) -> None:
    """SE-01, rule 2.1-2: by whoever comes next with a token of the session."""
    async with (
        stores.serving_by_proxy(tmp_path / "data", clock) as service,
        signed_in(service, "anna@example.ru") as anna,
    ):
        await replay_while_the_database_is_away(stores, anna, clock)

        answers = await asyncio.gather(*(anna.refresh() for _ in range(20)))

        assert {answer.code for answer in answers} == {"refresh-token-invalid"}
        assert await theft_records(service) == [1, 1, 1]
        with Redis.from_url(stores.redis) as redis:
            redis.flushdb()
        assert [(await anna.get("/me")).status, (await anna.refresh()).status] == [401, 401]


async def test_a_logout_that_redis_missed_is_made_good_by_the_next_one_anywhere(
    stores: Stores, tmp_path: Path, clock: ManualClock
) -> None:
    """Rule 2.1-1: 204 says that the tokens open nothing any more, also when SQL knew of the end before."""
    async with (
        stores.serving_by_proxy(tmp_path / "data", clock) as cut_off,
        stores.serving(tmp_path / "data", clock) as other,
        signed_in(other, "anna@example.ru") as anna,
        cut_off.viewer() as viewer,
    ):
        stores.to_redis.refuse()
        missed = await viewer.post("/logout", {"refresh_token": anna.refresh_token})

        again = await anna.post("/logout", {"refresh_token": anna.refresh_token})

        assert (missed.status, again.status) == (503, 204)
        assert [(await anna.get("/me")).status, (await anna.refresh()).status] == [401, 401]


@pytest.mark.embedded
async def test_a_crash_between_the_two_ends_of_a_session_leaves_none_of_it_open(service: Service, anna: Viewer) -> None:
    """FS-20: the row says that it has ended, its state does not yet."""
    await execute(service, "UPDATE sessions SET ended_at = created_at, end_reason = 'logout'")

    assert [(await anna.get("/me")).status, (await anna.refresh()).status] == [401, 401]
