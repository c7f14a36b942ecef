"""With Redis here and PostgreSQL away, whoever is signed in stays so, and nothing is decided in the dark."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.sessions.keyring import OUTLASTS, withdraw_key
from app.settings import Secret
from app.tests.support.clock import ManualClock
from app.tests.support.people import signed_in
from app.tests.support.postgresql import PostgreSql
from app.tests.support.proxy import Proxy
from app.tests.support.redis import RedisServer
from app.tests.support.service import Service, serving
from app.tests.support.tokens import header_of

pytestmark = pytest.mark.outage

A_SECOND = timedelta(seconds=1)


@pytest.fixture
async def to_database(postgresql: PostgreSql) -> AsyncIterator[Proxy]:
    async with Proxy.before(postgresql.socket) as proxy:
        yield proxy


@pytest.fixture
async def service(
    postgresql: PostgreSql, redis: RedisServer, to_database: Proxy, tmp_path: Path, clock: ManualClock
) -> AsyncIterator[Service]:
    database = Secret(PostgreSql.by_proxy(postgresql.fresh_database(), to_database.port))
    stores = {"database_url": database, "redis_url": Secret(redis.fresh_database())}
    async with serving(tmp_path / "data", clock, **stores) as running:
        yield running


@pytest.mark.parametrize("way", ["refuse", "black_hole"])
async def test_tokens_are_refreshed_as_long_as_the_keys_are_trusted(
    way: str, to_database: Proxy, service: Service, clock: ManualClock
) -> None:
    async with signed_in(service, "anna@example.ru") as anna:
        getattr(to_database, way)()
        clock.advance(A_SECOND)
        answers = [await anna.refresh() for _ in range(3)]
        keys = await anna.get("/.well-known/jwks.json")
        login = await anna.login("anna@example.ru")
        clock.advance(OUTLASTS)
        late = await anna.refresh()

        assert [answer.status for answer in [*answers, keys]] == [200] * 4
        assert (login.status, late.status) == (503, 503)
        await to_database.heal()
        assert (await anna.refresh(answers[0].json["refresh_token"])).status == 200


async def test_a_key_that_was_withdrawn_is_out_of_use_as_soon_as_the_database_is_back(
    to_database: Proxy, service: Service, clock: ManualClock
) -> None:
    async with signed_in(service, "anna@example.ru") as anna:
        to_database.refuse()
        clock.advance(A_SECOND)
        while_away = await anna.refresh()
        await to_database.heal()
        key_id = str(header_of(anna.access_token)["kid"])
        await withdraw_key(service.services.storage, clock, key_id, algorithm="EdDSA")
        clock.advance(A_SECOND)

        assert while_away.status == 200
        assert (await anna.get("/me")).status == 401
