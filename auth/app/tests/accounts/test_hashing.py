"""Hashing: its cost, its limits, and that nothing else waits for it."""

import asyncio
import base64
from pathlib import Path

import pytest
from argon2 import PasswordHasher as Argon2
from argon2 import Type

from app.accounts.hashing import Hashes, argon2id_of
from app.settings import Settings
from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, register, stored_user
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Answer, Viewer

EMAIL = "anna@example.ru"
SLOW = {"argon2_memory_kib": 64 * 1024, "argon2_time_cost": 15, "hash_threads": 1, "hash_queue": 1}


async def stored_hash(service: Service) -> str:
    user = await stored_user(service, EMAIL)
    assert user is not None
    assert user.password_hash is not None
    return user.password_hash


def hashes_of(memory_kib: int, time_cost: int, parallelism: int, *, by_libsodium: bool) -> Hashes:
    parameters = argon2id_of(memory_kib=memory_kib, time_cost=time_cost, parallelism=parallelism)
    return Hashes(parameters, by_libsodium=by_libsodium)


@pytest.mark.parametrize("cost", [(8, 1, 1), (67, 3, 1), (64, 2, 3)], ids=lambda cost: "m={},t={},p={}".format(*cost))
@pytest.mark.parametrize("by_libsodium", [True, False])
def test_either_library_reads_the_others_hashes(by_libsodium: bool, cost: tuple[int, int, int]) -> None:
    """A database outlives the processor that its hashes were made by."""
    one, other = hashes_of(*cost, by_libsodium=by_libsodium), hashes_of(*cost, by_libsodium=not by_libsodium)

    made = one.hash("зелёный трамвай\0")

    assert made.startswith("$argon2id$v=19$m={},t={},p={}$".format(*cost))
    assert not Argon2(memory_cost=cost[0], time_cost=cost[1], parallelism=cost[2]).check_needs_rehash(made)
    assert [each.matches(made, "зелёный трамвай\0") for each in (one, other)] == [True, True]
    assert [each.matches(made, "зелёный трамвай") for each in (one, other)] == [False, False]


@pytest.mark.parametrize("by_libsodium", [True, False])
@pytest.mark.parametrize("kind", list(Type))
@pytest.mark.parametrize(("salt_len", "hash_len"), [(8, 16), (16, 32), (64, 64)])
def test_hashes_from_elsewhere_match_by_either_library(
    salt_len: int, hash_len: int, kind: Type, by_libsodium: bool
) -> None:
    """Other kinds, lanes and lengths; some of them only one of the libraries knows."""
    hashes = hashes_of(8, 1, 1, by_libsodium=by_libsodium)
    for lanes in (1, 2):
        given = Argon2(
            time_cost=2, memory_cost=64, parallelism=lanes, salt_len=salt_len, hash_len=hash_len, type=kind
        ).hash("slow trams")

        assert (hashes.matches(given, "slow trams"), hashes.matches(given, "Slow trams")) == (True, False)


@pytest.mark.parametrize("by_libsodium", [True, False])
@pytest.mark.parametrize(
    "broken",
    [None, "", "!", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA", "$argon2id$é"],
)
def test_what_is_no_hash_matches_nothing(broken: str | None, by_libsodium: bool) -> None:
    assert hashes_of(8, 1, 1, by_libsodium=by_libsodium).matches(broken, "slow trams") is False


async def test_a_stored_hash_is_as_costly_as_the_settings_say(tmp_path: Path, clock: ManualClock) -> None:
    """PW-15: argon2id, version 19, m=19456 KiB, t=2, p=1, 16 bytes of salt, 32 bytes of output."""
    usual = Settings()
    costs = {name: getattr(usual, name) for name in ("argon2_memory_kib", "argon2_time_cost", "argon2_parallelism")}
    async with serving(tmp_path / "data", clock, **costs) as service:
        await register(service, EMAIL)

        _, kind, version, cost, salt, output = (await stored_hash(service)).split("$")

    assert (kind, version, cost) == ("argon2id", "v=19", "m=19456,t=2,p=1")
    assert [len(base64.b64decode(part + "==")) for part in (salt, output)] == [16, 32]


async def test_one_password_is_never_stored_alike_twice(service: Service) -> None:
    await register(service, EMAIL)
    first = await stored_hash(service)
    await execute(service, "DELETE FROM users")
    await register(service, EMAIL)

    assert await stored_hash(service) != first


async def test_a_login_brings_an_old_hash_to_todays_cost(service: Service, viewer: Viewer) -> None:
    """PW-16: the first right login, and only that; the second leaves it alone."""
    await register(service, EMAIL)
    old = Argon2(time_cost=3, memory_cost=16, parallelism=1).hash(PASSWORD)
    await execute(service, "UPDATE users SET password_hash = :hash", hash=old)

    wrong = await viewer.login(EMAIL, "not the right one")
    after_wrong = await stored_hash(service)
    right = await viewer.login(EMAIL)
    after_right = await stored_hash(service)
    again = await viewer.login(EMAIL)

    assert [wrong.status, right.status, again.status] == [401, 200, 200]
    assert after_wrong == old
    assert "m=8,t=1,p=1" in after_right
    assert await stored_hash(service) == after_right


async def test_parallel_logins_with_an_old_hash_all_succeed(service: Service, viewer: Viewer) -> None:
    """PW-16: each may want to renew the hash; nobody is thrown out by another's renewal."""
    await register(service, EMAIL)
    old = Argon2(time_cost=3, memory_cost=16, parallelism=1).hash(PASSWORD)
    await execute(service, "UPDATE users SET password_hash = :hash", hash=old)

    answers = await asyncio.gather(*(viewer.post("/login", {"email": EMAIL, "password": PASSWORD}) for _ in range(10)))

    assert {answer.status for answer in answers} == {200}


async def test_too_many_hashes_are_refused_at_once_and_nothing_else_waits(tmp_path: Path, clock: ManualClock) -> None:
    """PW-18: while the one thread is provably busy, the eleventh login gets 503 and `/livez` its answer."""
    async with serving(tmp_path / "data", clock, **SLOW) as service, service.viewer() as crowd:
        logins = [asyncio.create_task(try_login(crowd, number)) for number in range(12)]
        refused = [await first_done(logins) for _ in range(10)]
        others = [await crowd.get(path) for path in (f"{service.url}/livez", "/.well-known/jwks.json", "/openapi.json")]
        still_hashing = [login for login in logins if not login.done()]
        hashed = await asyncio.gather(*still_hashing)

    assert {(answer.status, answer.code) for answer in refused} == {(503, "temporarily-unavailable")}
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
    assert [answer.status for answer in others] == [200, 200, 200]
    assert [answer.status for answer in hashed] == [401, 401]


async def test_a_refused_login_leaves_its_place_to_the_next(tmp_path: Path, clock: ManualClock) -> None:
    """PW-18: the limit is on those who wait, not on how often it was reached."""
    cheap = {"hash_threads": 1, "hash_queue": 1}
    async with serving(tmp_path / "data", clock, **cheap) as service, service.viewer() as crowd:
        for _ in range(3):
            await asyncio.gather(*(try_login(crowd, number) for number in range(30)))

        alone = await try_login(crowd, 0)

    assert alone.status == 401


async def test_a_login_that_found_no_place_was_no_try(tmp_path: Path, clock: ManualClock) -> None:
    """PW-18: nobody is locked out by having come in a rush, and nothing was looked up for it."""
    async with serving(tmp_path / "data", clock, rate_limits=True, **SLOW) as service, service.viewer() as crowd:
        logins = [asyncio.create_task(try_login(crowd, number)) for number in range(3)]
        await first_done(logins)

        refused = await asyncio.gather(*(try_login(crowd, 0) for _ in range(10)))  # as many as are allowed
        await asyncio.gather(*logins)
        heard = await try_login(crowd, 0)

    assert {answer.status for answer in refused} == {503}
    assert heard.status == 401


async def test_a_registration_that_found_no_place_has_changed_nothing(tmp_path: Path, clock: ManualClock) -> None:
    """PW-18, rule 2.1-3: 503 means that it can be tried again."""
    async with serving(tmp_path / "data", clock, **SLOW) as service, service.viewer() as crowd:
        logins = [asyncio.create_task(try_login(crowd, number)) for number in range(3)]
        await first_done(logins)

        refused = await crowd.post("/register", {"email": EMAIL, "password": PASSWORD})
        rows = [await service.count(table) for table in ("users", "mail_tokens", "outbox")]
        await asyncio.gather(*logins)

    assert (refused.status, refused.headers["Retry-After"], rows) == (503, "1", [0, 0, 0])


async def try_login(viewer: Viewer, number: int) -> Answer:
    return await viewer.post("/login", {"email": f"nobody{number}@example.ru", "password": PASSWORD})


async def first_done(tasks: list[asyncio.Task[Answer]]) -> Answer:
    """The next answer; its task is taken out of the list."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    task = done.pop()
    tasks.remove(task)
    return task.result()
