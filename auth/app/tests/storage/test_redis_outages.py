"""Redis in each shape, while parts of it are away, behind, or change their places."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from app.errors import TemporarilyUnavailable
from app.ports.tokens import TokenState, TokenStore
from app.redis_address import read_redis_address
from app.storage.redis.stores import RedisStores, open_redis
from app.tests.storage.conftest import StoppedClock
from app.tests.storage.test_redis import Ends, opened
from app.tests.storage.test_token_store import ended, new_state
from app.tests.support.eventually import eventually
from app.tests.support.redis import HOST, RedisServer
from app.tests.support.redis_cluster import RedisCluster, home
from app.tests.support.redis_sentinel import RedisSentinel

pytestmark = pytest.mark.outage


@pytest.fixture(params=["redis", "redis_sentinel", "redis_cluster"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty Redis, in each of its shapes."""
    return str(request.getfixturevalue(request.param).fresh_database())


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., RedisServer]]:
    """Starts servers that the test may kill."""
    with ExitStack() as stack:

        def start(*options: str) -> RedisServer:
            server = RedisServer(tmp_path / str(len(started)), *options)
            started.append(server)
            server.start()
            stack.callback(server.kill)
            return server

        started: list[RedisServer] = []
        yield start


async def test_more_may_ask_at_once_than_there_are_connections(url: str) -> None:
    """They wait for their turn; nobody is turned away."""
    state = new_state()
    async with opened(url, Ends()) as stores:
        await stores.tokens.start(state)

        found = await asyncio.gather(*(stores.tokens.find(state.user_id, state.session_id) for _ in range(100)))

    assert found == [state] * 100


async def test_an_end_that_redis_has_missed_is_told_before_it_is_believed(start: Callable[..., RedisServer]) -> None:
    """Rule 2.1-2: SQL knew the end already, and Redis was away for a moment, without having been restarted."""
    server, state = start(), new_state()
    async with opened(server.url, Ends()) as stores:
        await stores.tokens.start(state)
        server.freeze()
        with pytest.raises(TemporarilyUnavailable):
            await stores.tokens.end([ended(state)])
        server.thaw()
        await eventually(stores.ping)

        with server.admin() as redis:
            known = redis.hget(f"auth:{{{state.user_id.hex}}}:session:{state.session_id.hex}", "ended")
        found = await stores.tokens.find(state.user_id, state.session_id)

    assert found is not None
    assert (known, found.ended) == (b"1", True)


async def test_a_connection_whose_greeting_was_not_waited_for_is_not_used(start: Callable[..., RedisServer]) -> None:
    """FS-09: a long catching up is not cut short by a caller who gives up."""
    told = asyncio.Event()

    async def tell(_: TokenStore) -> None:
        await told.wait()

    stores = open_redis(read_redis_address(start().url), StoppedClock(), catch_up=tell)
    for _ in range(2):
        with pytest.raises(TemporarilyUnavailable):
            await stores.ping()

    told.set()

    await eventually(stores.ping)
    await stores.close()


async def test_a_server_that_takes_over_again_is_told_again(start: Callable[..., RedisServer]) -> None:
    """FS-10: it is the same process as before, but meanwhile it was a replica, and may be behind."""
    server, other, ends = start(), start(), Ends()
    async with opened(server.url, ends) as stores:
        await stores.ping()
        with server.admin() as redis:
            redis.replicaof(HOST, other.port)
            redis.client_kill_filter(_type="normal", skipme=True)
            redis.replicaof("NO", "ONE")

        await stores.ping()

    assert ends.asked == 2


async def test_a_replica_is_not_believed(start: Callable[..., RedisServer]) -> None:
    """FS-10: it answers, but it may be behind."""
    server = start()
    replica = start(f"replicaof {HOST} {server.port}")
    async with opened(replica.url, Ends()) as stores:
        with pytest.raises(TemporarilyUnavailable):
            await stores.ping()

        with replica.admin() as redis:
            redis.replicaof("NO", "ONE")
        await eventually(stores.ping)


async def test_a_server_that_may_forget_is_reported(start: Callable[..., RedisServer]) -> None:
    """FS-11."""
    with capture_logs() as logs:
        async with opened(start("maxmemory-policy allkeys-lru").url, Ends()) as stores:
            await stores.ping()

    assert {"event": "redis.may_evict", "policy": "allkeys-lru", "log_level": "warning"} in logs


async def test_whoever_operates_it_is_told_what_was_wrong(start: Callable[..., RedisServer]) -> None:
    """By name: what Redis says in its own words may quote keys."""
    server, state = start(), new_state()
    async with opened(server.url, Ends()) as stores:
        await stores.ping()
        with server.admin() as redis:
            redis.set(f"auth:{{{state.user_id.hex}}}:session:{state.session_id.hex}", "no session")
        with capture_logs() as logs:
            with pytest.raises(TemporarilyUnavailable):
                await find(stores, state)
            server.kill()
            with pytest.raises(TemporarilyUnavailable):
                await find(stores, state)

    assert logs == [
        {"event": "redis.failed", "error": error, "log_level": "warning"}
        for error in ("ResponseError", "ConnectionError")
    ]


async def test_sentinels_that_are_away_or_keep_silent_do_not_matter_while_one_answers(
    redis_sentinel: RedisSentinel, start: Callable[..., RedisServer]
) -> None:
    silent = start()
    silent.freeze()
    hosts = f"{HOST}:1,{HOST}:{silent.port},{HOST}:{redis_sentinel.sentinel.port}"
    async with opened(f"redis+sentinel://{hosts}/tokens", Ends()) as stores:
        await stores.ping()


async def test_nothing_stays_open(redis_sentinel: RedisSentinel) -> None:
    """FS-36: neither to the server nor to its Sentinel."""
    url, before = redis_sentinel.fresh_database(), clients(redis_sentinel)
    async with opened(url, Ends()) as stores:
        await stores.ping()
        during = clients(redis_sentinel)

    assert during > before
    await eventually(lambda: asyncio.to_thread(clients, redis_sentinel), lambda now: now == before)


def clients(group: RedisSentinel) -> int:
    """How many connections the server and its Sentinel have."""
    count = 0
    for server in (group.master, group.sentinel):
        with server.admin() as redis:
            count += len(redis.client_list())
    return count


async def test_a_node_that_is_gone_takes_its_own_sessions_with_it_and_no_others(tmp_path: Path) -> None:
    """FS-31: not even by an end that it could not be told."""
    lost, ending, staying = ([new_state(user_id=user_at(node)) for _ in range(5)] for node in (0, 1, 2))
    with RedisCluster.running(tmp_path) as cluster:
        async with opened(cluster.url, Ends()) as stores:
            await asyncio.gather(*(stores.tokens.start(state) for state in lost + ending + staying))
            cluster.masters[0].kill()
            with pytest.raises(TemporarilyUnavailable):
                await stores.tokens.end([ended(state) for state in lost + ending])

            found = [await eventually(partial(find, stores, state)) for state in ending + staying]
            for state in lost:
                with pytest.raises(TemporarilyUnavailable):
                    await find(stores, state)

    assert [state and state.ended for state in found] == [True] * len(ending) + [False] * len(staying)


def user_at(node: int) -> UUID:
    """Somebody whose sessions are at home on one of the cluster's nodes, counted from 0."""
    return next(user_id for user_id in iter(uuid4, None) if home(user_id.hex.encode()) == node)


async def find(stores: RedisStores, state: TokenState) -> TokenState | None:
    return await stores.tokens.find(state.user_id, state.session_id)


async def test_a_cluster_that_is_gone_is_an_outage_and_comes_back_by_itself(tmp_path: Path) -> None:
    """FS-05."""
    state = new_state()
    with RedisCluster.running(tmp_path) as cluster:
        async with opened(cluster.url, Ends()) as stores:
            await stores.tokens.start(state)
            for node in cluster.masters:
                node.kill()
            verbs = [stores.tokens.find(state.user_id, state.session_id) for _ in range(20)]

            refused = await asyncio.gather(*verbs, return_exceptions=True)
            for node in cluster.masters:
                node.start()
            found = await eventually(lambda: stores.tokens.find(state.user_id, state.session_id))

    assert {type(each) for each in refused} == {TemporarilyUnavailable}
    assert found == state
