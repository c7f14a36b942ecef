"""What is kept at hand is a second old at most, and never from before a change."""

import asyncio

import pytest

from app.errors import TemporarilyUnavailable
from app.ports.fresh import MAX_AGE, Fresh
from app.tests.support.clock import ManualClock


class Counted:
    """What a store answers, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_away = False
        self.begun, self.may_answer = asyncio.Event(), asyncio.Event()
        self.may_answer.set()

    async def load(self) -> int:
        self.asked += 1
        answer = self.asked
        self.begun.set()
        await self.may_answer.wait()
        if self.is_away:
            raise TemporarilyUnavailable
        return answer


async def test_a_store_is_asked_once_a_second_whatever_the_load(clock: ManualClock) -> None:
    store = Counted()
    fresh = Fresh(store.load, clock)

    first = await asyncio.gather(*(fresh.get() for _ in range(50)))
    clock.advance(MAX_AGE)
    second = await asyncio.gather(*(fresh.get() for _ in range(50)))

    assert (set(first), set(second), store.asked) == ({1}, {2}, 2)


async def test_what_was_read_before_a_change_is_not_kept(clock: ManualClock) -> None:
    """A change during the look counts at the next one, though no second has passed."""
    store = Counted()
    store.may_answer.clear()
    fresh = Fresh(store.load, clock)
    looking = asyncio.create_task(fresh.get())
    await store.begun.wait()

    fresh.forget()
    store.may_answer.set()

    assert (await looking, await fresh.get()) == (1, 2)


async def test_nothing_old_is_given_while_the_store_is_away(clock: ManualClock) -> None:
    store = Counted()
    fresh = Fresh(store.load, clock)
    await fresh.get()
    store.is_away = True
    clock.advance(MAX_AGE)

    with pytest.raises(TemporarilyUnavailable):
        await fresh.get()
