"""What is kept at hand is a second old at most, and never from before a change."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

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


A_WHILE = timedelta(minutes=5)


async def outlasting(store: Counted, clock: ManualClock) -> Fresh[int]:
    """A value that has been read once, a second before the store went away."""
    fresh = Fresh(store.load, clock, outlasts=A_WHILE)
    await fresh.get()
    store.is_away = True
    clock.advance(MAX_AGE)
    return fresh


async def test_a_value_may_outlast_the_absence_of_its_store_for_a_while(clock: ManualClock) -> None:
    store = Counted()
    fresh = await outlasting(store, clock)

    first = await fresh.get()
    clock.advance(A_WHILE - 2 * MAX_AGE)
    last = await fresh.get()
    clock.advance(MAX_AGE)

    assert (first, last) == (1, 1)
    with pytest.raises(TemporarilyUnavailable):
        await fresh.get()


async def test_a_store_that_is_away_is_asked_once_a_second(clock: ManualClock) -> None:
    store = Counted()
    fresh = await outlasting(store, clock)

    await asyncio.gather(*(fresh.get() for _ in range(50)))
    clock.advance(MAX_AGE)
    await asyncio.gather(*(fresh.get() for _ in range(50)))

    assert store.asked == 3


async def test_nobody_waits_for_the_one_who_asks_a_store_that_is_away(clock: ManualClock) -> None:
    store = Counted()
    fresh = await outlasting(store, clock)
    await fresh.get()
    clock.advance(MAX_AGE)
    store.begun.clear()
    store.may_answer.clear()
    asking = asyncio.create_task(fresh.get())
    await store.begun.wait()

    others = [await fresh.get() for _ in range(3)]

    assert (others, asking.done()) == ([1] * 3, False)
    store.may_answer.set()
    assert await asking == 1


async def test_a_store_that_keeps_silent_is_not_waited_for_long(clock: ManualClock) -> None:
    """FS-16: the silence would be added to every answer."""
    store = Counted()
    fresh = Fresh(store.load, clock, outlasts=A_WHILE)
    await fresh.get()
    clock.advance(MAX_AGE)
    store.may_answer.clear()

    assert await asyncio.gather(*(fresh.get() for _ in range(5))) == [1] * 5


async def test_everybody_waits_for_a_store_that_answers(clock: ManualClock) -> None:
    """However long nobody has asked: nothing is taken for granted that could be known."""
    store = Counted()
    fresh = Fresh(store.load, clock, outlasts=A_WHILE)
    await fresh.get()
    clock.advance(A_WHILE - MAX_AGE)

    assert await asyncio.gather(*(fresh.get() for _ in range(5))) == [2] * 5


async def test_the_value_is_new_within_a_second_of_the_return_of_its_store(clock: ManualClock) -> None:
    store = Counted()
    fresh = await outlasting(store, clock)
    await fresh.get()
    store.is_away = False
    clock.advance(MAX_AGE)

    assert await fresh.get() == 3


async def test_an_absence_is_logged_once(clock: ManualClock) -> None:
    store = Counted()
    fresh = await outlasting(store, clock)

    with capture_logs() as logs:
        for _ in range(3):
            await fresh.get()
            clock.advance(MAX_AGE)
        store.is_away = False
        await fresh.get()

    assert [entry["event"] for entry in logs] == ["store.away", "store.back"]


async def test_a_value_that_was_changed_here_outlasts_nothing(clock: ManualClock) -> None:
    store = Counted()
    fresh = await outlasting(store, clock)
    await fresh.get()

    fresh.forget()

    with pytest.raises(TemporarilyUnavailable):
        await fresh.get()


async def test_a_value_may_be_asked_for_more_often(clock: ManualClock) -> None:
    store = Counted()
    fresh = Fresh(store.load, clock, max_age=MAX_AGE / 2)
    await fresh.get()
    clock.advance(MAX_AGE / 2)

    assert await fresh.get() == 2
