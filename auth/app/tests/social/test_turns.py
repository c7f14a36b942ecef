"""Many callbacks may be under way, few of them work at one moment; the others of the service do not notice."""

import asyncio
from collections import Counter

import pytest

from app.errors import TemporarilyUnavailable
from app.ports.breaker import FAILURES
from app.ports.storage import WriteConflict
from app.social.turns import AT_ONCE, Turns
from app.storage.sql.engine import CONNECTIONS
from app.tests.social.scene import Scene, way_back
from emulator import faults


async def _fail(turns: Turns, error: type[Exception] = TemporarilyUnavailable, times: int = FAILURES) -> None:
    for _ in range(times):
        with pytest.raises(error):
            async with turns.go_on():
                raise error


def test_callbacks_leave_connections_to_the_database_for_others() -> None:
    assert AT_ONCE <= CONNECTIONS // 2


async def test_few_work_at_one_moment_and_in_the_order_in_which_they_came() -> None:
    turns, working, most, served = Turns(at_once=2), 0, 0, list[int]()

    async def work(number: int) -> None:
        nonlocal working, most
        async with turns.go_on():
            working += 1
            most = max(most, working)
            await asyncio.sleep(0)
            served.append(number)
            working -= 1

    await asyncio.gather(*(work(number) for number in range(20)))

    assert most == 2
    assert served == list(range(20))


async def test_waiting_for_a_provider_takes_no_turn(scene: Scene) -> None:
    count = AT_ONCE + 4
    scene.arrives("yandex")

    async with scene.browser() as browser:
        backs = [await way_back(browser, "yandex") for _ in range(count)]
        scene.emulator.fault("yandex", "token", faults.hang())
        coming = [asyncio.create_task(browser.get(back)) for back in backs]
        await scene.emulator.wait_for_requests("yandex", "token", count=count)
        scene.emulator.clear_faults()
        scene.emulator.release()
        answers = await asyncio.gather(*coming)

    assert Counter(answer.status for answer in answers) == {200: count}


async def test_when_too_many_wait_newcomers_are_turned_away_and_those_who_spent_a_code_are_not() -> None:
    turns = Turns(at_once=1, most_waiting=1)

    async with turns.go_on():
        waiting = [asyncio.create_task(_pass(turns)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(TemporarilyUnavailable) as refusal:
            async with turns.begin():
                raise AssertionError
    await asyncio.gather(*waiting)

    assert refusal.value.headers == {"Retry-After": "5"}


async def _pass(turns: Turns) -> None:
    async with turns.go_on():
        pass


async def test_nobody_waits_for_ever() -> None:
    turns = Turns(at_once=1, patience_seconds=0)

    async with turns.go_on():
        with pytest.raises(TemporarilyUnavailable):
            await _pass(turns)

    await _pass(turns)


async def test_while_the_database_is_away_the_whole_queue_is_told_so_at_once() -> None:
    turns, worked = Turns(at_once=1, now=lambda: 0), 0

    async def work() -> None:
        nonlocal worked
        async with turns.go_on():
            worked += 1
            raise TemporarilyUnavailable

    ends = await asyncio.gather(*(work() for _ in range(50)), return_exceptions=True)
    with pytest.raises(TemporarilyUnavailable):
        async with turns.begin():
            raise AssertionError("a code would be spent in vain")

    assert Counter(map(type, ends)) == {TemporarilyUnavailable: 50}
    assert worked == FAILURES


async def test_rivals_in_each_others_way_are_no_outage() -> None:
    turns = Turns()

    await _fail(turns, WriteConflict, times=2 * FAILURES)

    await _pass(turns)


async def test_a_failure_between_successes_is_no_outage() -> None:
    turns = Turns()

    for _ in range(FAILURES):
        await _fail(turns, times=1)
        await _pass(turns)

    async with turns.begin():
        pass
