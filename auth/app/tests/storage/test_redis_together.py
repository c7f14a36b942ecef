"""What many ask of Redis at once leaves as one write, and each gets an answer of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from app.errors import TemporarilyUnavailable
from app.ports.tokens import RotationOutcome, TokenState
from app.redis_address import read_redis_address
from app.storage.redis.client import RedisClient
from app.storage.redis.token_store import RedisTokenStore
from app.tests.storage.conftest import StoppedClock
from app.tests.storage.test_token_store import START, WINDOW, new_state
from app.tests.support.process import until
from app.tests.support.proxy import Proxy
from app.tests.support.redis import RedisServer

MANY = 50


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that nobody else asks anything."""
    with RedisServer.running(tmp_path / "redis") as running:
        yield running


@pytest.fixture
async def store(server: RedisServer) -> AsyncIterator[RedisTokenStore]:
    client = RedisClient(read_redis_address(server.url))
    yield RedisTokenStore(client, StoppedClock())
    await client.close()


async def started(store: RedisTokenStore) -> list[TokenState]:
    states = [new_state() for _ in range(MANY)]
    await asyncio.gather(*(store.start(state) for state in states))
    return states


async def rotate(store: RedisTokenStore, state: TokenState) -> RotationOutcome:
    rotation = await store.rotate(state.user_id, state.session_id, 0, now=START, window=WINDOW)
    assert rotation.state is None or rotation.state.session_id == state.session_id
    return rotation.outcome


async def test_many_requests_cost_redis_one_reading(server: RedisServer, store: RedisTokenStore) -> None:
    states = await started(store)
    with server.admin() as redis:
        before = redis.info("stats")["total_reads_processed"]
        outcomes = await asyncio.gather(*(rotate(store, state) for state in states))
        readings = redis.info("stats")["total_reads_processed"] - before

    assert outcomes == [RotationOutcome.ROTATED] * MANY
    assert readings < MANY / 5


async def test_those_who_come_while_others_are_away_leave_together(server: RedisServer, store: RedisTokenStore) -> None:
    states = await started(store)
    with server.admin() as redis:
        before = redis.info("stats")["total_reads_processed"]
        asking = []
        server.freeze()
        for state in states:
            asking.append(asyncio.create_task(rotate(store, state)))
            await asyncio.sleep(0)
            await asyncio.sleep(0)  # this one has left, if it does not wait
        server.thaw()
        outcomes = await asyncio.gather(*asking)
        readings = redis.info("stats")["total_reads_processed"] - before

    assert outcomes == [RotationOutcome.ROTATED] * MANY
    assert readings < MANY / 5


async def test_a_late_answer_holds_nobody_up(server: RedisServer, tmp_path: Path) -> None:
    """The first is asked of a server that keeps silent; who comes after it meets another, as after a failover."""
    async with AsyncExitStack() as stack:
        following = stack.enter_context(RedisServer.running(tmp_path / "next"))
        proxy = await stack.enter_async_context(Proxy.before(("127.0.0.1", server.port)))
        client = RedisClient(read_redis_address(f"redis://127.0.0.1:{proxy.port}/0"))
        stack.push_async_callback(client.close)
        store = RedisTokenStore(client, StoppedClock())
        server.freeze()
        late = asyncio.create_task(store.find(uuid4(), uuid4()))
        await until(lambda: proxy.accepted == 1)
        proxy.lead_to(("127.0.0.1", following.port))

        found = await store.find(uuid4(), uuid4())

        assert (found, late.done()) == (None, False)
        server.thaw()
        assert await late is None


async def test_what_one_finds_broken_is_no_others_business(server: RedisServer, store: RedisTokenStore) -> None:
    """SE-25: another type at one key."""
    states = await started(store)
    broken = states[7]
    with server.admin() as redis:
        key = f"auth:{{{broken.user_id.hex}}}:session:{broken.session_id.hex}"
        redis.delete(key)
        redis.lpush(key, "x")

    answers = await asyncio.gather(*(rotate(store, state) for state in states), return_exceptions=True)

    assert isinstance(answers.pop(7), TemporarilyUnavailable)
    assert answers == [RotationOutcome.ROTATED] * (MANY - 1)


async def test_whoever_goes_away_takes_nobody_along(store: RedisTokenStore) -> None:
    states = await started(store)
    asking = [asyncio.create_task(rotate(store, state)) for state in states]
    await asyncio.sleep(0)  # all have asked, nothing has left

    asking[7].cancel()
    answers = await asyncio.gather(*asking, return_exceptions=True)

    assert isinstance(answers.pop(7), asyncio.CancelledError)
    assert answers == [RotationOutcome.ROTATED] * (MANY - 1)


async def test_scripts_that_a_server_does_not_know_yet_are_told_to_it(
    server: RedisServer, store: RedisTokenStore
) -> None:
    """As after a restart; each of them runs once."""
    states = await started(store)
    with server.admin() as redis:
        redis.script_flush()

    outcomes = await asyncio.gather(*(rotate(store, state) for state in states))

    assert outcomes == [RotationOutcome.ROTATED] * MANY


async def test_a_server_that_is_gone_is_told_to_everybody(server: RedisServer, store: RedisTokenStore) -> None:
    states = await started(store)
    server.kill()

    answers = await asyncio.gather(*(rotate(store, state) for state in states), return_exceptions=True)

    assert {type(answer) for answer in answers} == {TemporarilyUnavailable}
