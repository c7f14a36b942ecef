"""What the database forgets, and when: rows in small batches, months of the login history as a whole."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, MetaData, Table, delete, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from app.ports.conflicts import rerun_on_conflict
from app.storage.sql import months
from app.storage.sql.begin import begin
from app.storage.sql.tables import login_history, mail_tokens, outbox, sessions, token_roles, token_states

BATCH = 1000  # rows a transaction: others wait for a few hundredths of a second at most
SESSIONS_KEPT = timedelta(days=30)  # after the absolute end: no token of the session can be valid any more
MAILS_KEPT = timedelta(days=7)  # after delivery; what they said is gone with it
STRANGERS_KEPT = timedelta(days=30)  # sign-ins that failed because nobody has the address

_other = login_history.to_metadata(MetaData(), name=months.OTHER)


async def forget(engine: AsyncEngine, now: datetime, *, history_kept: timedelta) -> int:
    """Remove what is past its time; give the number of rows, not counting those of whole months.

    Safe to run anywhere at any time, on all workers at once, and to be killed half-way. Where others tidy up at this
    moment, it is left to them, and to the next time.
    """
    gone = 0
    moment, has_months = await _agree_on_time(engine, now)
    for table, condition in _past_their_time(moment, history_kept, has_months=has_months):
        while (rows := await _forget_batch(engine, table, condition)) > 0:
            gone += rows
            await asyncio.sleep(0)
    while await _drop_month(engine, before=moment - history_kept):
        pass
    return gone


@rerun_on_conflict
async def _agree_on_time(engine: AsyncEngine, now: datetime) -> tuple[datetime, bool]:
    """Nothing goes by the word of one clock alone: if ours jumped ahead, it would take everything."""
    async with begin(engine) as connection:
        if not await connection.run_sync(months.is_postgresql):
            return now, False
        return min(now, await connection.run_sync(months.database_time)), True


def _past_their_time(
    now: datetime, history_kept: timedelta, *, has_months: bool
) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    by_row = _other if has_months else login_history
    yield token_states, token_states.c.expires_at <= now
    yield token_roles, ~exists().where(token_states.c.user_id == token_roles.c.user_id)
    yield mail_tokens, mail_tokens.c.expires_at <= now
    yield sessions, sessions.c.expires_at <= now - SESSIONS_KEPT
    yield outbox, outbox.c.done_at <= now - MAILS_KEPT
    yield login_history, login_history.c.user_id.is_(None) & (login_history.c.at <= now - STRANGERS_KEPT)
    yield by_row, by_row.c.at <= now - history_kept


@rerun_on_conflict
async def _forget_batch(engine: AsyncEngine, table: Table, condition: ColumnElement[bool]) -> int:
    key = tuple_(*table.primary_key.columns)
    chosen = select(*table.primary_key.columns).where(condition).limit(BATCH).with_for_update(skip_locked=True)
    async with begin(engine) as connection:
        if not await connection.run_sync(months.take_chores):
            return 0
        keys = [tuple(row) for row in await connection.execute(chosen)]
        # Asked again, now that nobody else can change these rows: one may have become needed meanwhile.
        return (await connection.execute(delete(table).where(key.in_(keys), condition))).rowcount


@rerun_on_conflict
async def _drop_month(engine: AsyncEngine, *, before: datetime) -> str | None:
    async with begin(engine) as connection:
        return await connection.run_sync(lambda sync: months.drop_oldest_month(sync, before=before))
