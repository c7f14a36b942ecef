"""What a network keeps back between the service and Redis logs nobody out."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.errors import TemporarilyUnavailable
from app.ports.breaker import Breaker
from app.ports.tokens import Rotation, RotationOutcome, TokenState
from app.storage.redis.client import PATIENCE_SECONDS
from app.storage.redis.stores import RedisStores
from app.storage.redis.token_store import CLOCK_SECONDS
from app.tests.storage.test_redis import Ends, opened
from app.tests.storage.test_token_store import START, WINDOW, new_state
from app.tests.support.eventually import eventually
from app.tests.support.proxy import Proxy
from app.tests.support.redis import HOST, RedisServer

pytestmark = pytest.mark.outage

A_MINUTE = timedelta(minutes=1)


@pytest.fixture
async def proxy(redis: RedisServer) -> AsyncIterator[Proxy]:
    async with Proxy.before((HOST, redis.port)) as before:
        yield before


async def rotate(stores: RedisStores, state: TokenState, presented: int, *, later: timedelta) -> Rotation:
    now = START + later
    return await stores.tokens.rotate(state.user_id, state.session_id, presented, now=now, window=WINDOW)


def commands(redis: RedisServer) -> int:
    """How many scripts the server has been told to run."""
    with redis.admin() as admin:
        return int(admin.info("commandstats")["cmdstat_evalsha"]["calls"])


async def test_a_refresh_that_arrives_after_its_caller_gave_up_changes_nothing(
    redis: RedisServer, proxy: Proxy
) -> None:
    """FS-06: the client has refreshed by another way meanwhile, so the token of back then looks like a stolen one."""
    state = new_state()
    url = redis.fresh_database()
    number = url.rpartition("/")[2]
    async with opened(url, Ends()) as other, opened(f"redis://{HOST}:{proxy.port}/{number}", Ends()) as stores:
        await other.tokens.start(state)
        await rotate(stores, state, 0, later=timedelta(0))
        proxy.black_hole()
        with pytest.raises(TemporarilyUnavailable):
            await rotate(stores, state, 1, later=timedelta(seconds=1))
        refreshed = await rotate(other, state, 1, later=A_MINUTE)
        before = commands(redis)

        await asyncio.sleep(CLOCK_SECONDS + 0.5)  # the time after which nobody waits: it is the server's, not ours
        await proxy.heal()
        await eventually(lambda: asyncio.to_thread(commands, redis), lambda now: now > before)

        assert await other.tokens.find(state.user_id, state.session_id) == refreshed.state


async def test_an_answer_that_got_lost_is_given_again_when_redis_is_back(redis: RedisServer, proxy: Proxy) -> None:
    """FS-06, rule 2.1-3: the client was told 503 and keeps its token; the outage outlasts the window of ten seconds."""
    state = new_state()
    async with opened(f"redis://{HOST}:{proxy.port}/{redis.fresh_database().rpartition('/')[2]}", Ends()) as stores:
        await stores.tokens.start(state)
        proxy.lose_answers()
        with pytest.raises(TemporarilyUnavailable):
            await rotate(stores, state, 0, later=timedelta(0))
        proxy.cut()
        await proxy.heal()

        rotation = await eventually(lambda: rotate(stores, state, 0, later=WINDOW + timedelta(seconds=1)))

    assert rotation.outcome is RotationOutcome.REPEATED


def test_only_the_time_of_an_outage_is_made_up_for() -> None:
    breaker = Breaker(patience_seconds=PATIENCE_SECONDS)
    without = breaker.lost_seconds(within=10)

    breaker.failed()

    assert without == 0
    assert PATIENCE_SECONDS <= breaker.lost_seconds(within=10) < PATIENCE_SECONDS + 10
    assert breaker.lost_seconds(within=-1) == 0
