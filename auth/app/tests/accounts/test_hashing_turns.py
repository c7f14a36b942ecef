"""Many may wait for a password to be hashed, few have their turn; and who waits costs nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.accounts.password_hashes import PasswordHashes
from app.accounts.passwords import AT_ONCE, PasswordHasher
from app.errors import TemporarilyUnavailable

HASHES = PasswordHashes(memory_kib=8, time_cost=1, parallelism=1)
PLACES = 3 * AT_ONCE


@pytest.fixture
async def hasher() -> AsyncIterator[PasswordHasher]:
    hasher = PasswordHasher(HASHES, threads=1, queue=PLACES - 1)
    yield hasher
    hasher.close()


async def test_few_have_their_turn_and_in_the_order_in_which_they_came(hasher: PasswordHasher) -> None:
    served, at_work, most = list[int](), 0, 0

    async def come(number: int) -> None:
        nonlocal at_work, most
        async with hasher.turn() as turn:
            served.append(number)
            at_work += 1
            most = max(most, at_work)
            await turn.hash("four slow green trams")
            at_work -= 1

    await asyncio.gather(*(come(number) for number in range(PLACES)))

    assert served == list(range(PLACES))
    assert most == AT_ONCE


async def test_those_in_a_turn_and_those_in_the_queue_are_counted_alike(hasher: PasswordHasher) -> None:
    leave = asyncio.Event()

    async def stay() -> None:
        async with hasher.turn():
            await leave.wait()

    staying = [asyncio.create_task(stay()) for _ in range(PLACES)]
    await asyncio.sleep(0)

    with pytest.raises(TemporarilyUnavailable):
        hasher.expect_room()
    with pytest.raises(TemporarilyUnavailable):
        await hasher.verify(None, "four slow green trams")
    staying.pop().cancel()
    await asyncio.sleep(0)
    hasher.expect_room()
    leave.set()
    await asyncio.gather(*staying)


async def test_a_turn_that_ends_badly_is_the_next_ones(hasher: PasswordHasher) -> None:
    for _ in range(2 * PLACES):
        with pytest.raises(ZeroDivisionError):
            async with hasher.turn():
                raise ZeroDivisionError

    assert await hasher.verify(await hasher.hash("a password"), "a password")
