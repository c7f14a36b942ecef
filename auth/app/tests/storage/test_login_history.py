"""The contract of `sessions.repository.LoginHistory`: newest first, in pages, nobody else's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter

from app.sessions.model import Appearance, LoginOutcome
from app.storage.sql.storage import SqlStorage
from app.tests.storage.events import HERE, add_events, add_user, new_event, read_history

NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)


async def test_the_newest_event_comes_first_and_nothing_is_lost(storage: SqlStorage) -> None:
    anna = await add_user(storage, NOW)
    events = await add_events(storage, anna, (NOW + timedelta(days=10 * n) for n in range(12)))

    assert await read_history(storage, anna) == events[::-1]


async def test_pages_follow_each_other_without_gap_or_repetition(storage: SqlStorage) -> None:
    """HI-04, also where events arrive between two pages."""
    anna = await add_user(storage, NOW)
    events = await add_events(storage, anna, (NOW + timedelta(days=n) for n in range(50)))
    pages, before = [], None
    while page := await _read_page(storage, anna, before):
        pages += page
        before = page[-1].id
        await add_events(storage, anna, [NOW])

    assert pages == events[::-1]


async def _read_page(storage: SqlStorage, user_id, before):  # type: ignore[no-untyped-def]
    async with storage.transaction() as tx:
        return await tx.history.of_user(user_id, limit=7, before=before)


async def test_who_appears_in_the_newest_events_is_counted(storage: SqlStorage) -> None:
    anna, boris = await add_user(storage, NOW), await add_user(storage, NOW)
    there = replace(HERE, address="203.0.113.7")
    at = [NOW + timedelta(minutes=n) for n in range(5)]
    forgotten = new_event(anna, at[0], client=replace(HERE, user_agent="Netscape"))
    known = new_event(anna, at[1], client=there)
    failed = replace(new_event(anna, at[2], client=there), outcome=LoginOutcome.WRONG_PASSWORD)
    async with storage.transaction() as tx:
        for event in [forgotten, known, failed, new_event(anna, at[3]), new_event(anna, at[4]), new_event(boris, NOW)]:
            await tx.history.add(event)

        found = await tx.history.appearances(anna, limit=4)

    assert sorted(found, key=attrgetter("at")) == [
        Appearance(client=there, signed_in=True, lines=1, at=at[1]),
        Appearance(client=there, signed_in=False, lines=1, at=at[2]),
        Appearance(client=HERE, signed_in=True, lines=2, at=at[4]),
    ]


async def test_nobody_sees_the_events_of_others(storage: SqlStorage) -> None:
    """HI-02, HI-03: neither another person's, nor those of addresses that nobody has."""
    anna, boris = await add_user(storage, NOW), await add_user(storage, NOW)
    mine = await add_events(storage, anna, [NOW])
    await add_events(storage, boris, [NOW])
    await add_events(storage, None, [NOW])

    assert await read_history(storage, anna) == mine


async def test_events_keep_their_order_when_the_clock_steps_back(storage: SqlStorage) -> None:
    """HI-07: the order is that of writing, whatever the clock says."""
    anna = await add_user(storage, NOW)
    events = await add_events(storage, anna, [NOW, NOW - timedelta(hours=1), NOW - timedelta(days=400)])

    assert await read_history(storage, anna) == events[::-1]


async def test_the_history_goes_with_its_account(storage: SqlStorage) -> None:
    anna = await add_user(storage, NOW)
    await add_events(storage, anna, [NOW, NOW - timedelta(days=4000)])

    async with storage.transaction() as tx:
        await tx.users.delete(anna)

    assert await read_history(storage, anna) == []
