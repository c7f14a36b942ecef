"""The process that hashes: its answers reach whoever asked, whatever becomes of it or of them."""

import asyncio
import os
import resource
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.accounts.hashing import NICENESS, argon2id_of
from app.accounts.hashing_process import HashingProcess
from app.errors import TemporarilyUnavailable
from app.tests.support.process import hashing_pids, is_running, no_more_files

CHEAP = argon2id_of(memory_kib=8, time_cost=1, parallelism=1)


@pytest.fixture
async def hashing() -> AsyncIterator[HashingProcess]:
    hashing = HashingProcess(CHEAP)
    yield hashing
    hashing.close()
    assert hashing_pids(os.getpid()) == []


async def start(hashing: HashingProcess) -> int:
    """Let the process hash something; gives its id."""
    assert str(await hashing.ask({"password": "slow trams"})).startswith("$argon2id$")
    (pid,) = hashing_pids(os.getpid())
    return pid


def told_to(pid: int, file: str) -> list[str]:
    """What the system shows of a process."""
    return [each for each in Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8").split("\0") if each]


async def test_everybody_gets_the_own_answer(hashing: HashingProcess) -> None:
    passwords = [f"slow trams {number}" for number in range(8)]
    hashes = [str(made) for made in await asyncio.gather(*(hashing.ask({"password": each}) for each in passwords))]

    matches = await asyncio.gather(
        *(hashing.ask({"password": each, "hash": made}) for each in passwords for made in hashes)
    )

    assert matches == [row == column for row in range(8) for column in range(8)]


async def test_more_than_the_system_takes_at_once_is_answered_too(hashing: HashingProcess) -> None:
    """As many as may wait, each with the longest password that is accepted."""
    answers = await asyncio.gather(*(hashing.ask({"password": "😀" * 1024}) for _ in range(65)))

    assert len(set(answers)) == 65
    assert hashing.load == 0


async def test_who_goes_away_takes_nobodys_answer(hashing: HashingProcess) -> None:
    await start(hashing)
    leaving = asyncio.create_task(hashing.ask({"password": "slow trams", "hash": None}))
    staying = asyncio.create_task(hashing.ask({"password": "slow trams"}))
    await asyncio.sleep(0)  # both have asked
    leaving.cancel()

    assert str(await staying).startswith("$argon2id$")


async def test_when_it_is_killed_those_who_wait_are_told_and_the_next_is_answered(hashing: HashingProcess) -> None:
    """FS-01: by the system, when memory is short."""
    pid = await start(hashing)
    os.kill(pid, signal.SIGSTOP)
    waiting = [asyncio.create_task(hashing.ask({"password": "slow trams", "hash": None})) for _ in range(3)]
    await asyncio.sleep(0)  # all have asked

    os.kill(pid, signal.SIGKILL)
    told = await asyncio.gather(*waiting, return_exceptions=True)

    assert [(type(each), getattr(each, "headers", None)) for each in told] == [
        (TemporarilyUnavailable, {"Retry-After": "1"})
    ] * 3
    assert await start(hashing) != pid


async def test_when_it_cannot_be_started_that_is_told_and_tried_again(hashing: HashingProcess) -> None:
    """FS-29: no more files."""
    with no_more_files(os.getpid()):
        told = await asyncio.gather(
            *(hashing.ask({"password": "slow trams"}) for _ in range(2)), return_exceptions=True
        )

    assert [type(each) for each in told] == [TemporarilyUnavailable] * 2
    await start(hashing)


async def test_what_cannot_be_hashed_harms_nobody_else(hashing: HashingProcess) -> None:
    """Half of a pair of UTF-16, which no keyboard types."""
    await start(hashing)

    broken, other = await asyncio.gather(
        hashing.ask({"password": "\ud800"}), hashing.ask({"password": "slow trams"}), return_exceptions=True
    )

    assert isinstance(broken, TemporarilyUnavailable)
    assert str(other).startswith("$argon2id$")
    assert await hashing.ask({"password": "\ud800", "hash": None}) is False


async def test_a_shortage_of_memory_is_told_and_survived() -> None:
    costly = HashingProcess(argon2id_of(memory_kib=64 * 1024, time_cost=1, parallelism=1))
    pid = await start(costly)
    limits = resource.prlimit(pid, resource.RLIMIT_AS)
    in_use = int(told_to(pid, "statm")[0].split()[0]) * resource.getpagesize()

    resource.prlimit(pid, resource.RLIMIT_AS, (in_use // 2, limits[1]))
    with pytest.raises(TemporarilyUnavailable):
        await costly.ask({"password": "slow trams"})
    resource.prlimit(pid, resource.RLIMIT_AS, limits)

    assert await start(costly) == pid
    costly.close()


async def test_signals_for_the_whole_service_leave_it_to_whoever_asks(hashing: HashingProcess) -> None:
    """FS-01: what has begun is finished, and that may be a login."""
    pid = await start(hashing)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(pid, number)

    assert await start(hashing) == pid
    assert os.getpgid(pid) != os.getpgid(0)


async def test_it_gives_way_and_knows_no_secrets(hashing: HashingProcess) -> None:
    pid = await start(hashing)

    assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)
    assert [each.partition("=")[0] for each in told_to(pid, "environ")] == ["PYTHONPATH"]
    assert "slow trams" not in " ".join(told_to(pid, "cmdline"))


@pytest.mark.parametrize("turns", range(1, 7))
async def test_nothing_of_it_stays_when_it_is_closed_while_it_starts(turns: int) -> None:
    """After so many turns of the event loop: before it is started, connected, or has answered."""
    hashing = HashingProcess(CHEAP)
    asking = asyncio.create_task(hashing.ask({"password": "slow trams"}))
    for _ in range(turns):
        await asyncio.sleep(0)
    started = hashing_pids(os.getpid())

    hashing.close()

    assert len(started) == (0 if turns == 1 else 1)
    assert not any(map(is_running, started))
    with pytest.raises(TemporarilyUnavailable):
        await asking
