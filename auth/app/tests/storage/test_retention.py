"""How long rows are kept, on every database."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from app.accounts.model import MailToken, MailTokenPurpose
from app.mail.compose import new_mail
from app.mail.model import Recipient, Template
from app.ports.tokens import TokenState
from app.sessions.model import EndReason, Session, SignInMethod
from app.sessions.tokens import LEEWAY_SECONDS
from app.settings_rules import MAX_ACCESS_TTL
from app.storage.sql.retention import BATCH, MAILS_KEPT, SESSIONS_KEPT, STRANGERS_KEPT
from app.storage.sql.storage import SqlStorage
from app.storage.sql.tables import metadata, token_states
from app.storage.sql.token_store import SqlTokenStore, _put_roles, _values
from app.tests.storage.events import HERE, add_events, add_user, new_event, read_history

NOW = datetime.now(UTC)  # PostgreSQL asks its own clock too before it forgets
MOMENT = timedelta(microseconds=1)
YEAR = timedelta(days=365)


async def forget(storage: SqlStorage, *, history_kept: timedelta = YEAR) -> int:
    return await storage.forget_expired(NOW, history_kept=history_kept)


async def count(engine: AsyncEngine, table: str) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(select(func.count()).select_from(metadata.tables[table])) or 0)


async def add_session(storage: SqlStorage, user_id: UUID, *, expires_at: datetime, ended: bool = False) -> Session:
    session = Session(
        id=uuid7(),
        user_id=user_id,
        method=SignInMethod.PASSWORD,
        social=None,
        client=HERE,
        created_at=expires_at - timedelta(days=30),
        expires_at=expires_at,
    )
    async with storage.transaction() as tx:
        await tx.sessions.begin(session, new_event(user_id, NOW))
        if ended:
            await tx.sessions.end([session.id], at=session.created_at, reason=EndReason.LOGOUT)
    return session


def token_state(user_id: UUID, *, expires_at: datetime) -> TokenState:
    return TokenState(
        session_id=uuid7(), user_id=user_id, generation=0, rotated_at=NOW, expires_at=expires_at, roles=()
    )


async def test_history_goes_when_it_is_old_enough(storage: SqlStorage) -> None:
    """HI-06. On PostgreSQL these are rows of months that are not there; months go as a whole."""
    anna = await add_user(storage, NOW)
    events = await add_events(storage, anna, [NOW - YEAR - MOMENT, NOW - YEAR, NOW - YEAR + MOMENT, NOW])

    gone = await forget(storage)

    assert gone == 2
    assert await read_history(storage, anna) == [events[3], events[2]]


async def test_failures_of_unknown_addresses_go_earlier(storage: SqlStorage, engine: AsyncEngine) -> None:
    """HI-02."""
    anna = await add_user(storage, NOW)
    moments = [NOW - STRANGERS_KEPT, NOW - STRANGERS_KEPT + MOMENT]
    await add_events(storage, None, moments)
    mine = await add_events(storage, anna, moments)

    gone = await forget(storage)

    assert (gone, await count(engine, "login_history")) == (1, 3)
    assert await read_history(storage, anna) == mine[::-1]


@pytest.mark.parametrize("ended", [False, True])
async def test_a_session_is_known_as_long_as_any_token_of_it_could_count(ended: bool, storage: SqlStorage) -> None:
    """Rule 2.2: the row says that it has ended; it may go when nothing can come back."""
    anna = await add_user(storage, NOW)
    last_token = await add_session(
        storage, anna, expires_at=NOW - MAX_ACCESS_TTL - timedelta(seconds=LEEWAY_SECONDS), ended=ended
    )
    remembered = await add_session(storage, anna, expires_at=NOW - SESSIONS_KEPT + MOMENT, ended=ended)
    forgotten = await add_session(storage, anna, expires_at=NOW - SESSIONS_KEPT, ended=ended)

    gone = await forget(storage)

    async with storage.transaction() as tx:
        found = [await tx.sessions.get(each.id) is not None for each in (last_token, remembered, forgotten)]
    assert (gone, found) == (1, [True, True, False])


async def test_a_mail_goes_a_while_after_it_left_and_never_before(storage: SqlStorage, engine: AsyncEngine) -> None:
    old = NOW - 10 * MAILS_KEPT
    mails = [new_mail(Template.ACCOUNT_EXISTS, Recipient(email="a@example.ru", locale="ru"), at=old) for _ in range(4)]
    async with storage.transaction() as tx:
        for mail in mails:
            await tx.outbox.add(mail)
        await tx.outbox.sent(mails[0].id, at=NOW - MAILS_KEPT)
        await tx.outbox.give_up((await tx.outbox.lease(1, at=old, until=old))[0], at=NOW - MAILS_KEPT)
        await tx.outbox.sent(mails[2].id, at=NOW - MAILS_KEPT + MOMENT)

    gone = await forget(storage)

    assert (gone, await count(engine, "outbox")) == (2, 2)


async def test_tokens_go_when_they_expire(storage: SqlStorage, engine: AsyncEngine) -> None:
    anna = await add_user(storage, NOW)
    for number, life in enumerate((timedelta(0), MOMENT)):
        token = MailToken(
            token_hash=bytes([number]) * 32,
            purpose=MailTokenPurpose.CONFIRM_EMAIL,
            user_id=anna,
            email="anna@example.ru",
            expires_at=NOW + life,
            password_hash=None,
        )
        await SqlTokenStore(engine).start(token_state(anna, expires_at=NOW + life))
        async with storage.transaction() as tx:
            await tx.mail_tokens.add(token)

    gone = await forget(storage)

    assert (gone, await count(engine, "token_states"), await count(engine, "mail_tokens")) == (2, 1, 1)


async def test_more_than_one_batch_goes(storage: SqlStorage, engine: AsyncEngine) -> None:
    await add_events(storage, None, [NOW - YEAR] * (2 * BATCH + 1))

    gone = await forget(storage)

    assert (gone, await count(engine, "login_history")) == (2 * BATCH + 1, 0)


async def test_who_is_stopped_half_way_goes_on_the_next_time(storage: SqlStorage, engine: AsyncEngine) -> None:
    """FS-35: every batch counts as soon as it is done."""
    await add_events(storage, None, [NOW - YEAR] * (3 * BATCH))
    tidying = asyncio.create_task(forget(storage))
    while await count(engine, "login_history") == 3 * BATCH:
        assert not tidying.done()
    tidying.cancel()
    await asyncio.gather(tidying, return_exceptions=True)

    while await forget(storage) == 0 and await count(engine, "login_history") > 0:
        pass  # PostgreSQL is still at the batch that was stopped

    assert await count(engine, "login_history") == 0


async def test_of_many_who_tidy_up_at_once_each_row_goes_once(storage: SqlStorage, engine: AsyncEngine) -> None:
    """FS-35."""
    await add_events(storage, None, [NOW - YEAR] * (2 * BATCH))

    gone = await asyncio.gather(*(forget(storage) for _ in range(4)))
    gone.append(await forget(storage))  # whoever finds others at it goes on, and may leave a batch to the next time

    assert (sum(gone), await count(engine, "login_history")) == (2 * BATCH, 0)


async def test_the_roles_of_whoever_signs_in_at_this_moment_stay(postgresql_engine: AsyncEngine) -> None:
    storage, tokens, anna = SqlStorage(postgresql_engine), SqlTokenStore(postgresql_engine), uuid7()
    first = token_state(anna, expires_at=NOW)
    await tokens.start(first)

    async with postgresql_engine.begin() as signing_in:
        await _put_roles(signing_in, anna, (), 0)
        await forget(storage)
        await signing_in.execute(insert(token_states).values(_values(token_state(anna, expires_at=NOW + YEAR))))

    assert await count(postgresql_engine, "token_states") == await count(postgresql_engine, "token_roles") == 1
