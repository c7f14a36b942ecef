"""A sign-in by password is written in one call, by whoever still has that password."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from app.accounts.email_address import parse_email
from app.accounts.model import User
from app.roles.model import Role
from app.sessions.model import Session, SignInMethod
from app.storage.sql.storage import SqlStorage, SqlTransaction
from app.tests.storage.events import HERE, new_event, read_history

NOW = datetime.now(UTC)
ANNA = parse_email("anna@example.ru")
HASH = "$argon2id$v=19$of the right password"

Held = tuple[tuple[str, ...], int]
Change = Callable[[SqlTransaction, UUID], Awaitable[object]]


async def add_anna(storage: SqlStorage, **facts: object) -> UUID:
    user = replace(User(id=uuid7(), created_at=NOW, email=ANNA.display, password_hash=HASH), **facts)  # type: ignore[arg-type]
    async with storage.transaction() as tx:
        await tx.users.add(user, email_key=ANNA.key)
        await tx.roles.add(Role(name="editor", title="Editor", permissions=()))
    return user.id


async def enter(storage: SqlStorage, user_id: UUID, password_hash: str = HASH) -> Held | None:
    event = new_event(user_id, NOW)
    session = Session(
        id=uuid7(),
        user_id=user_id,
        method=SignInMethod.PASSWORD,
        social=None,
        client=HERE,
        created_at=NOW,
        expires_at=NOW + timedelta(days=30),
    )
    async with storage.single() as tx:
        return await tx.sessions.begin_by_password(session, event, password_hash=password_hash)


async def written(storage: SqlStorage, user_id: UUID) -> tuple[int, int]:
    """Open sessions, and lines of the history."""
    async with storage.reading() as tx:
        sessions = await tx.sessions.open_of(user_id, at=NOW)
    return len(sessions), len(await read_history(storage, user_id))


async def test_the_session_its_line_and_the_roles_come_together(storage: SqlStorage) -> None:
    anna = await add_anna(storage)
    before = await enter(storage, anna)
    async with storage.transaction() as tx:
        await tx.roles.grant(anna, "editor")

    after = await enter(storage, anna)

    assert (before, after) == (((), 0), (("editor",), 1))
    assert await written(storage, anna) == (2, 2)


@pytest.mark.parametrize(
    ("facts", "presented"),
    [({}, "another hash"), ({"password_hash": None}, ""), ({"blocked_at": NOW}, HASH)],
    ids=["another password", "no password any more", "blocked"],
)
async def test_nobody_enters_an_account_that_has_changed(
    facts: dict[str, object], presented: str, storage: SqlStorage
) -> None:
    anna = await add_anna(storage, **facts)

    assert await enter(storage, anna, presented) is None
    assert await written(storage, anna) == (0, 0)


async def test_nobody_enters_an_account_that_is_gone(storage: SqlStorage) -> None:
    assert await enter(storage, uuid7()) is None


@asynccontextmanager
async def meanwhile(engine: AsyncEngine, change: Change, user_id: UUID) -> AsyncIterator[None]:
    """Somebody changes the account, and commits as soon as another one waits for its lock."""
    async with SqlStorage(engine).transaction() as tx:
        await tx.users.lock(user_id)
        await change(tx, user_id)
        yield
        async with engine.connect() as watching:
            while not await watching.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):  # noqa: ASYNC110
                await asyncio.sleep(0.005)  # lets the other one come; what is waited for is the lock


async def enter_meanwhile(engine: AsyncEngine, change: Change) -> tuple[Held | None, tuple[int, int]]:
    storage = SqlStorage(engine)
    anna = await add_anna(storage)
    async with meanwhile(engine, change, anna):
        entering = asyncio.create_task(enter(storage, anna))
    return await entering, await written(storage, anna)


async def test_a_password_that_changes_at_this_moment_keeps_everybody_out(postgresql_engine: AsyncEngine) -> None:
    """Whoever resets it ends all sessions, and would overlook this one."""

    async def reset(tx: SqlTransaction, user_id: UUID) -> None:
        await tx.users.set_password_hash(user_id, "another hash")

    assert await enter_meanwhile(postgresql_engine, reset) == (None, (0, 0))


async def test_a_role_that_is_granted_at_this_moment_comes_with_its_version_or_not_at_all(
    postgresql_engine: AsyncEngine,
) -> None:
    """The new version without the role would be believed."""

    async def grant(tx: SqlTransaction, user_id: UUID) -> None:
        await tx.roles.grant(user_id, "editor")

    assert await enter_meanwhile(postgresql_engine, grant) == (((), 0), (1, 1))
