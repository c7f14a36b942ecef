"""Redis dies, forgets, keeps silent, is slow or full, while people go on working."""

import aiohttp

from app.tests.faults.installation import Installation
from app.tests.faults.reckoning import people_in_trouble
from app.tests.support.process import KEYS, Process
from app.tests.support.proxy import Proxy
from app.tests.support.redis import HOST


async def health(service: Process) -> list[int]:
    """What /livez, /readyz and the public keys answer."""
    async with aiohttp.ClientSession() as session:
        found = []
        for path in ("/livez", "/readyz", KEYS):
            async with session.get(service.url + path) as answer:
                found.append(answer.status)
        return found


async def test_fs_05_redis_is_killed_and_comes_back(installation: Installation) -> None:
    async with people_in_trouble(installation, "refusals", "lost attempts") as crowd:
        installation.redis.kill()
        await crowd.acts()
        during = await health(crowd.services[0])
        installation.redis.start()

    assert during == [200, 503, 200]


async def test_fs_08_redis_is_emptied(installation: Installation) -> None:
    """Nobody notices, but for those who are on their way to a provider."""
    async with people_in_trouble(installation, "lost attempts", redis_forgot=True) as crowd:
        with installation.redis.admin() as redis:
            redis.flushall()
        await crowd.acts()


async def test_fs_08_redis_comes_back_empty(installation: Installation) -> None:
    async with people_in_trouble(installation, "refusals", "lost attempts", redis_forgot=True):
        installation.redis.kill()
        installation.redis.lose_everything()
        installation.redis.start()


async def test_fs_09_redis_comes_back_without_its_last_second(installation: Installation) -> None:
    """What ended in it has ended, in each process; what was refreshed in it is refreshed."""
    async with people_in_trouble(installation, "refusals", "lost attempts", redis_forgot=True) as crowd:
        length = installation.redis.written()
        await crowd.acts(200)
        installation.redis.kill()
        installation.redis.lose_since(length)
        installation.redis.start()


async def test_fs_06_redis_keeps_silent(installation: Installation) -> None:
    async with Proxy.before((HOST, installation.redis.port)) as proxy:
        by_proxy = {"AUTH_REDIS_URL": f"redis://{HOST}:{proxy.port}/0"}
        async with people_in_trouble(installation, "refusals", "lost attempts", changes=by_proxy) as crowd:
            proxy.black_hole()
            await crowd.acts(150)
            during = await health(crowd.services[0])
            await proxy.heal()

    assert during == [200, 503, 200]


async def test_fs_07_redis_is_slow(installation: Installation) -> None:
    """At 200 ms everything takes longer, at two seconds it is refused. A machine may stand still on top of that."""
    async with Proxy.before((HOST, installation.redis.port)) as proxy:
        by_proxy = {"AUTH_REDIS_URL": f"redis://{HOST}:{proxy.port}/0"}
        async with people_in_trouble(installation, "refusals", "lost attempts", changes=by_proxy) as crowd:
            proxy.delay_seconds = 0.1
            await crowd.everybody_succeeds()
            before = crowd.seen.copy()
            proxy.delay_seconds = 1
            await crowd.acts()
            slow = crowd.seen - before
            await proxy.heal()

    assert any(what.endswith(" 503") for what in slow)


async def test_fs_11_redis_is_full(installation: Installation) -> None:
    """What is there can be read; what cannot be kept is refused."""
    async with people_in_trouble(installation, "refusals") as crowd:
        with installation.redis.admin() as redis:
            redis.config_set("maxmemory", "1mb")
            await crowd.acts()
            redis.config_set("maxmemory", "0")
