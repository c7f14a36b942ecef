"""The contract of `ports.ephemeral.Ephemeral`."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import TemporarilyUnavailable
from app.ports.ephemeral import Ephemeral
from app.storage.memory.ephemeral import MemoryEphemeral
from app.tests.support.clock import ManualClock

TEN_MINUTES = timedelta(minutes=10)


async def test_a_value_is_taken_once(ephemeral: Ephemeral) -> None:
    await ephemeral.put("attempt", b"verifier", ttl=TEN_MINUTES)

    taken = [await ephemeral.take("attempt") for _ in range(2)]

    assert taken == [b"verifier", None]


async def test_of_many_takers_exactly_one_gets_the_value(ephemeral: Ephemeral) -> None:
    """OA-09, OA-26."""
    for _ in range(20):
        await ephemeral.put("attempt", b"verifier", ttl=TEN_MINUTES)

        taken = await asyncio.gather(*(ephemeral.take("attempt") for _ in range(50)))

        assert taken.count(b"verifier") == 1


async def test_what_was_never_put_is_not_there(ephemeral: Ephemeral) -> None:
    assert await ephemeral.take("attempt") is None


async def test_a_value_lives_for_its_time_and_no_longer(ephemeral: Ephemeral, clock: ManualClock) -> None:
    """OA-10."""
    await ephemeral.put("first", b"1", ttl=TEN_MINUTES)
    await ephemeral.put("second", b"2", ttl=TEN_MINUTES)

    clock.advance(TEN_MINUTES - timedelta(seconds=1))
    in_time = await ephemeral.take("first")
    clock.advance(timedelta(seconds=1))
    late = await ephemeral.take("second")

    assert (in_time, late) == (b"1", None)


async def test_an_expired_value_does_not_return_when_the_clock_steps_back(
    ephemeral: Ephemeral, clock: ManualClock
) -> None:
    """FS-23: a late try uses the value up."""
    await ephemeral.put("attempt", b"verifier", ttl=TEN_MINUTES)
    clock.advance(TEN_MINUTES)
    late = await ephemeral.take("attempt")

    clock.advance(-TEN_MINUTES)

    assert (late, await ephemeral.take("attempt")) == (None, None)


async def test_the_newest_value_of_a_key_counts_with_its_own_time(ephemeral: Ephemeral, clock: ManualClock) -> None:
    await ephemeral.put("attempt", b"old", ttl=timedelta(minutes=1))
    await ephemeral.put("attempt", b"new", ttl=TEN_MINUTES)

    clock.advance(timedelta(minutes=5))
    await ephemeral.put("another", b"", ttl=TEN_MINUTES)

    assert await ephemeral.take("attempt") == b"new"


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text(min_size=1), value=st.binary(max_size=5000))
async def test_any_key_and_any_bytes_come_back_unchanged(key: str, value: bytes, ephemeral: Ephemeral) -> None:
    await ephemeral.put(key, value, ttl=TEN_MINUTES)

    assert await ephemeral.take(key) == value


async def test_a_full_store_refuses_and_forgets_nothing_that_lives(clock: ManualClock) -> None:
    """OA-30: memory is bounded; when values expire there is room again."""
    store = MemoryEphemeral(clock, max_values=3)
    for number in range(3):
        await store.put(f"attempt {number}", b"verifier", ttl=TEN_MINUTES)

    with pytest.raises(TemporarilyUnavailable) as refusal:
        await store.put("one more", b"verifier", ttl=TEN_MINUTES)
    kept = await store.take("attempt 0")
    clock.advance(TEN_MINUTES)
    for number in range(3):
        await store.put(f"later {number}", b"verifier", ttl=TEN_MINUTES)

    assert (kept, refusal.value.headers) == (b"verifier", {"Retry-After": "60"})
    assert await store.take("later 0") == b"verifier"
