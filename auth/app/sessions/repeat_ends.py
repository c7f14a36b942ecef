"""Tell a token store again what has ended lately: it may have lost what it had acknowledged."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.ports.clock import Clock
from app.ports.conflicts import rerun_on_conflict
from app.ports.storage import Storage
from app.ports.tokens import TokenStore
from app.sessions.end import TOLD_AGAIN, ended_session
from app.sessions.model import Session
from app.sessions.repository import SessionsTransaction

BATCH = 1000


async def repeat_ends(storage: Storage[SessionsTransaction], tokens: TokenStore, clock: Clock) -> int:
    """Write the ends of `TOLD_AGAIN` again, oldest first. What ends meanwhile is written by whoever ends it.

    A store that falls back further (restored from an old copy, say) has to be emptied: then SQL is asked.

    Returns:
        How many there were.
    """
    now = clock.now()
    count, since, after = 0, now - TOLD_AGAIN, None
    while True:
        batch = await _read_batch(storage, since, after, now)
        await tokens.end([ended_session(each) for each in batch])
        count += len(batch)
        if len(batch) < BATCH:
            return count
        since, after = batch[-1].ended_at or since, batch[-1].id


@rerun_on_conflict
async def _read_batch(
    storage: Storage[SessionsTransaction], since: datetime, after: UUID | None, now: datetime
) -> Sequence[Session]:
    async with storage.reading() as tx:
        return await tx.sessions.ended_since(since, after=after, alive_at=now, limit=BATCH)
