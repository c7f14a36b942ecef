"""The contract of `sessions.repository.LoginHistory`: newest first, in pages, nobody else's."""

from datetime import UTC, datetime, timedelta

from app.storage.sql.storage import SqlStorage
from app.tests.storage.events import add_events, add_user, read_history

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
