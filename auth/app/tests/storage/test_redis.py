"""What only Redis can do to the stores: restart, forget its last second, be full, be gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import TemporarilyUnavailable
from app.ports.tokens import EndedSession, TokenStore, decide_rotation
from app.redis_address import read_redis_address
from app.storage.redis.client import RedisClient
from app.storage.redis.stores import RedisStores, open_redis
from app.storage.redis.token_store import RedisTokenStore
from app.tests.storage.conftest import StoppedClock
from app.tests.storage.test_token_store import START, WINDOW, ended, new_state
from app.tests.support.eventually import eventually
from app.tests.support.redis import RedisServer


class Ends:
    """What SQL would know of ends; counts how often it is asked."""

    def __init__(self) -> None:
        self.known: list[EndedSession] = []
        self.asked = 0

    async def tell(self, tokens: TokenStore) -> None:
        self.asked += 1
        await tokens.end(self.known)


@pytest.fixture
def server(tmp_path: Path) -> RedisServer:
    """A server that the test may kill."""
    return RedisServer(tmp_path / "redis")


@asynccontextmanager
async def opened(url: str, ends: Ends) -> AsyncIterator[RedisStores]:
    stores = open_redis(read_redis_address(url), StoppedClock(), catch_up=ends.tell)
    yield stores
    await stores.close()


async def test_a_server_that_lost_its_last_second_is_told_what_has_ended(server: RedisServer) -> None:
    """FS-09, rule 2.1-2: it acknowledged the end and knows nothing of it after the restart."""
    server.start()
    ends, state = Ends(), new_state()
    async with opened(server.url, ends) as stores:
        await stores.tokens.start(state)
        with server.admin() as redis:
            before = redis.hgetall(f"auth:{{{state.user_id.hex}}}:session:{state.session_id.hex}")
        await stores.tokens.end([ended(state)])
        ends.known.append(ended(state))
        with server.admin() as redis:  # as if the end had never reached the disk
            redis.hset(f"auth:{{{state.user_id.hex}}}:session:{state.session_id.hex}", mapping=before)
            redis.bgrewriteaof()
        server.stop()
        server.start()

        found = await stores.tokens.find(state.user_id, state.session_id)

    server.kill()
    assert found is not None
    assert found.ended
    assert ends.asked == 2


async def test_a_server_is_told_once_by_each_process(redis: RedisServer) -> None:
    ends, states = Ends(), [new_state() for _ in range(50)]
    async with opened(redis.fresh_database(), ends) as stores:
        await asyncio.gather(*(stores.tokens.start(state) for state in states))

        found = await asyncio.gather(*(stores.tokens.find(state.user_id, state.session_id) for state in states))

    assert list(found) == states
    assert ends.asked == 1


async def test_a_server_that_cannot_be_told_is_not_used(redis: RedisServer) -> None:
    async def fail(_: TokenStore) -> None:
        raise TemporarilyUnavailable

    stores = open_redis(read_redis_address(redis.fresh_database()), StoppedClock(), catch_up=fail)

    with pytest.raises(TemporarilyUnavailable):
        await stores.tokens.find(uuid4(), uuid4())
    await stores.close()


async def test_everything_comes_back_with_the_server_and_nothing_has_to_be_restarted(server: RedisServer) -> None:
    """FS-05: while it is away the answer is "unavailable", from each verb."""
    server.start()
    state = new_state()
    async with opened(server.url, Ends()) as stores:
        await stores.tokens.start(state)
        await stores.ephemeral.put("attempt", b"verifier", ttl=timedelta(minutes=10))
        server.kill()
        verbs = [
            stores.tokens.start(state),
            stores.tokens.find(state.user_id, state.session_id),
            stores.tokens.rotate(state.user_id, state.session_id, 0, now=START, window=WINDOW),
            stores.tokens.end([ended(new_state())]),
            stores.tokens.set_roles(state.user_id, (), version=1),
            stores.ephemeral.put("other", b"", ttl=timedelta(minutes=1)),
            stores.ephemeral.take("attempt"),
            stores.counters.acquire_sliding_window_entry("key", 1, 1),
            stores.ping(),
        ]

        refused = await asyncio.gather(*verbs, return_exceptions=True)
        server.start()
        await eventually(stores.ping)

        assert {type(each) for each in refused} == {TemporarilyUnavailable}
        assert await stores.tokens.find(state.user_id, state.session_id) == state
    server.kill()


async def test_a_full_server_refuses_what_it_cannot_keep_and_forgets_nothing(server: RedisServer) -> None:
    """FS-11."""
    server.start()
    state = new_state()
    async with opened(server.url, Ends()) as stores:
        await stores.tokens.start(state)
        with server.admin() as redis:
            redis.config_set("maxmemory-policy", "noeviction")
            redis.config_set("maxmemory", "1mb")

        with pytest.raises(TemporarilyUnavailable):
            await stores.tokens.start(new_state())
        kept = await stores.tokens.find(state.user_id, state.session_id)
        with server.admin() as redis:
            redis.config_set("maxmemory", "0")
        await stores.tokens.start(new_state())

    server.kill()
    assert kept == state


async def test_a_value_of_another_type_at_the_key_allows_nothing(redis: RedisServer) -> None:
    """SE-25."""
    url, state = redis.fresh_database(), new_state()
    async with opened(url, Ends()) as stores:
        with redis.admin(int(url.rpartition("/")[2])) as admin:
            admin.set(f"auth:{{{state.user_id.hex}}}:session:{state.session_id.hex}", "1")

        with pytest.raises(TemporarilyUnavailable):
            await stores.tokens.find(state.user_id, state.session_id)
        with pytest.raises(TemporarilyUnavailable):
            await stores.tokens.rotate(state.user_id, state.session_id, 0, now=START, window=WINDOW)


async def test_nothing_is_kept_for_ever(redis: RedisServer) -> None:
    """OA-30, FS-36: every key has an end."""
    url, state, other = redis.fresh_database(), new_state(), new_state()
    async with opened(url, Ends()) as stores:
        await stores.tokens.start(state)
        await stores.tokens.set_roles(state.user_id, ("editor",), version=1)
        await stores.tokens.rotate(state.user_id, state.session_id, 0, now=START, window=WINDOW)
        await stores.tokens.end([ended(other)])
        await stores.tokens.set_roles(uuid4(), ("editor",), version=1)
        await stores.ephemeral.put("attempt", b"verifier", ttl=timedelta(minutes=10))
        await stores.counters.acquire_sliding_window_entry("key", 1, 60)

    with redis.admin(int(url.rpartition("/")[2])) as admin:
        lives = {key: admin.pttl(key) for key in admin.scan_iter()}
    assert len(lives) == 7
    assert all(0 < life < timedelta(days=31) / timedelta(milliseconds=1) for life in lives.values())


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    generation=st.integers(min_value=0, max_value=2**31 - 2),
    distance=st.integers(min_value=-3, max_value=3),
    later=st.integers(min_value=-20_000_000, max_value=20_000_000),
    life=st.integers(min_value=0, max_value=2_592_000_000_000),
)
async def test_the_script_decides_as_the_function_does(
    generation: int, distance: int, later: int, life: int, redis: RedisServer
) -> None:
    """`decide_rotation` is the rule; Redis applies it in one step, to the microsecond."""
    client = RedisClient(read_redis_address(redis.url))
    tokens = RedisTokenStore(client, StoppedClock())
    state = replace(new_state(), generation=generation, expires_at=START + timedelta(microseconds=life))
    presented, now = max(0, generation + distance), START + timedelta(microseconds=later)
    await tokens.start(state)

    found = await tokens.rotate(state.user_id, state.session_id, presented, now=now, window=WINDOW)
    kept = await tokens.find(state.user_id, state.session_id)

    await client.close()
    expected = decide_rotation(state, presented, now=now, window=WINDOW)
    assert (found, kept) == (expected, expected.state)


async def test_a_refused_password_is_an_outage_that_does_not_show_it(tmp_path: Path) -> None:
    with RedisServer.running(tmp_path / "redis", "user default on >other ~* &* +@all") as server:
        client = RedisClient(read_redis_address(f"redis://:s3cr3t@127.0.0.1:{server.port}"))

        with pytest.raises(TemporarilyUnavailable) as refusal:
            await client.ping()

        await client.close()
    assert "s3cr3t" not in f"{refusal.value!r} {refusal.value.__cause__!r}"
