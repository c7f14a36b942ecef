"""Lines of the login history for tests."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from app.accounts.model import User
from app.http.client import Client
from app.ports.conflicts import rerun_on_conflict
from app.sessions.model import LoginEvent, LoginOutcome, SignInMethod
from app.storage.sql.storage import SqlStorage

HERE = Client(address="192.0.2.1", user_agent="Firefox")
AT_ONCE = 200  # events a transaction: there are a few seconds for one, on a slow machine too


def new_event(user_id: UUID | None, at: datetime, *, client: Client = HERE) -> LoginEvent:
    return LoginEvent(
        id=uuid7(),
        at=at,
        user_id=user_id,
        outcome=LoginOutcome.SUCCEEDED if user_id else LoginOutcome.WRONG_PASSWORD,
        method=SignInMethod.PASSWORD,
        social=None,
        client=client,
    )


@rerun_on_conflict
async def add_user(storage: SqlStorage, at: datetime) -> UUID:
    """An account without an address."""
    user = User(id=uuid7(), created_at=at)
    async with storage.transaction() as tx:
        await tx.users.add(user, email_key=None)
    return user.id


async def add_events(storage: SqlStorage, user_id: UUID | None, moments: Iterable[datetime]) -> list[LoginEvent]:
    """One event for each moment, in this order."""
    events = [new_event(user_id, at) for at in moments]
    for first in range(0, len(events), AT_ONCE):
        async with storage.transaction() as tx:
            for event in events[first : first + AT_ONCE]:
                await tx.history.add(event)
    return events


async def read_history(storage: SqlStorage, user_id: UUID, *, limit: int = 1000) -> list[LoginEvent]:
    """The newest events, newest first."""
    async with storage.transaction() as tx:
        return list(await tx.history.of_user(user_id, limit=limit))
