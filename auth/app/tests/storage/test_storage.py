"""The contract of `ports.storage.Storage`: all or nothing, and one owner per key."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.accounts.email_address import EmailAddress
from app.accounts.model import MailToken, MailTokenPurpose, User
from app.http.client import UNKNOWN_ADDRESS, Client
from app.ports.storage import UniqueViolation
from app.roles.model import SUPERUSER
from app.sessions.model import EndReason, Session, SignInMethod
from app.storage.sql.storage import SqlStorage
from app.tests.storage.accounts import ANNA, NOW, add, find, new_user
from app.tests.storage.events import new_event, read_history


def new_token(user: User, *, mark: int = 0, life: timedelta = timedelta(hours=24)) -> MailToken:
    return MailToken(
        token_hash=bytes([mark]) * 32,
        purpose=MailTokenPurpose.CONFIRM_EMAIL,
        user_id=user.id,
        email=ANNA.display,
        expires_at=NOW + life,
        password_hash="hash",
    )


async def add_token(storage: SqlStorage, token: MailToken) -> MailToken:
    async with storage.transaction() as tx:
        await tx.mail_tokens.add(token)
    return token


async def take(storage: SqlStorage, token: MailToken, *, at: datetime = NOW) -> MailToken | None:
    async with storage.transaction() as tx:
        return await tx.mail_tokens.take(token.token_hash, token.purpose, at=at)


async def test_a_clean_exit_commits(storage: SqlStorage) -> None:
    user = await add(storage, new_user())

    assert await find(storage, user.id) == user


async def test_any_error_undoes_the_whole_block(storage: SqlStorage) -> None:
    first, second = new_user(), new_user(None)

    async def write_and_fail() -> None:
        async with storage.transaction() as tx:
            await tx.users.add(first, email_key=ANNA.key)
            await tx.users.add(second, email_key=None)
            raise LookupError

    with pytest.raises(LookupError):
        await write_and_fail()

    assert [await find(storage, first.id), await find(storage, second.id)] == [None, None]


async def test_a_cancelled_block_is_undone_and_frees_the_connection(storage: SqlStorage) -> None:
    """The caller's connection was cut in the middle of the work."""
    user, inside = new_user(), asyncio.Event()

    async def write_and_wait() -> None:
        async with storage.transaction() as tx:
            await tx.users.add(user, email_key=ANNA.key)
            inside.set()
            await asyncio.Event().wait()

    writing = asyncio.create_task(write_and_wait())
    await inside.wait()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)

    assert await find(storage, user.id) is None


async def test_a_second_owner_of_an_address_is_refused_and_leaves_nothing(storage: SqlStorage) -> None:
    await add(storage, new_user())
    second = new_user()

    with pytest.raises(UniqueViolation):
        await add(storage, second)

    assert await find(storage, second.id) is None


async def test_of_many_registrations_of_an_address_exactly_one_wins(storage: SqlStorage) -> None:
    users = [new_user() for _ in range(30)]

    results = await asyncio.gather(*(add(storage, user) for user in users), return_exceptions=True)

    winners = [result for result in results if isinstance(result, User)]
    assert len(winners) == 1
    assert sum(isinstance(result, UniqueViolation) for result in results) == 29
    assert [user for user in users if await find(storage, user.id)] == winners


async def test_accounts_without_an_address_do_not_clash(storage: SqlStorage) -> None:
    users = [await add(storage, new_user(None), key=None) for _ in range(3)]

    assert [await find(storage, user.id) for user in users] == users


async def test_of_many_who_take_a_mail_token_exactly_one_gets_it(storage: SqlStorage) -> None:
    """EM-03."""
    user = await add(storage, new_user())
    for _ in range(5):
        token = await add_token(storage, new_token(user))

        taken = await asyncio.gather(*(take(storage, token) for _ in range(50)))

        assert [each for each in taken if each] == [token]


@pytest.mark.parametrize(
    ("left", "gets"), [(timedelta(microseconds=1), True), (timedelta(0), False), (timedelta(days=-9), False)]
)
async def test_an_expired_mail_token_is_worth_nothing(left: timedelta, gets: bool, storage: SqlStorage) -> None:
    user = await add(storage, new_user())
    token = await add_token(storage, new_token(user))

    taken = await take(storage, token, at=token.expires_at - left)

    assert (taken == token) is gets


async def test_dropping_the_tokens_of_one_account_spares_the_others(storage: SqlStorage) -> None:
    anna, boris = await add(storage, new_user()), await add(storage, new_user(None), key=None)
    tokens = [await add_token(storage, new_token(owner, mark=n)) for n, owner in enumerate((anna, anna, boris))]

    async with storage.transaction() as tx:
        await tx.mail_tokens.drop(anna.id, MailTokenPurpose.CONFIRM_EMAIL)

    assert [await take(storage, token) for token in tokens] == [None, None, tokens[2]]


async def test_mail_tokens_go_with_their_account(storage: SqlStorage) -> None:
    """SE-11: nothing pending outlives who it was for."""
    user = await add(storage, new_user())
    token = await add_token(storage, new_token(user))

    async with storage.transaction() as tx:
        await tx.users.delete(user.id)

    assert await take(storage, token) is None


def new_session(user: User) -> Session:
    return Session(
        id=uuid4(),
        user_id=user.id,
        method=SignInMethod.PASSWORD,
        social=None,
        client=Client(address="203.0.113.7", user_agent="Television"),
        created_at=NOW,
        expires_at=NOW + timedelta(days=30),
    )


async def test_a_session_begins_with_its_line_in_the_history_and_the_roles_of_the_moment(storage: SqlStorage) -> None:
    anna = await add(storage, new_user())
    session, event = new_session(anna), new_event(anna.id, NOW)
    async with storage.transaction() as tx:
        without = await tx.sessions.begin(new_session(anna), new_event(anna.id, NOW))
        await tx.roles.grant(anna.id, SUPERUSER)
        held = await tx.sessions.begin(session, event)

    assert (without, held) == (((), 0), ((SUPERUSER,), 1))
    async with storage.reading() as tx:
        assert await tx.sessions.get(session.id) == session
    assert event in await read_history(storage, anna.id)


async def test_an_end_is_known_longer_than_the_account(storage: SqlStorage) -> None:
    """Rule 2.1-2: a Redis that forgot the end must hear of it; of the person nothing is left in it."""
    user = await add(storage, new_user())
    session = new_session(user)
    async with storage.transaction() as tx:
        await tx.sessions.begin(session, new_event(user.id, NOW))
        await tx.sessions.end([session.id], at=NOW, reason=EndReason.ACCOUNT_DELETED)
        await tx.users.delete(user.id)

    async with storage.transaction() as tx:
        [left] = await tx.sessions.ended_since(NOW, after=None, alive_at=NOW, limit=10)
    assert (left.id, left.client) == (session.id, Client(address=UNKNOWN_ADDRESS, user_agent=""))


SAFE_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=100)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=SAFE_TEXT)
async def test_any_text_comes_back_unchanged(name: str, storage: SqlStorage) -> None:
    """IN-07: quotes, percent signs, emoji and SQL are text."""
    user = await add(storage, new_user(None, name=name), key=None)

    found = await find(storage, user.id)

    assert found == user


HOSTILE: list[Callable[[str], str]] = [
    lambda key: f"{key}' OR '1'='1",
    lambda key: key.replace("@", "%@"),
    lambda key: key.upper(),
    lambda key: key + " ",
    lambda key: "_" + key[1:],
]


async def test_a_key_is_found_by_itself_alone(storage: SqlStorage) -> None:
    await add(storage, new_user())
    keys = [change(ANNA.key) for change in HOSTILE]

    async with storage.transaction() as tx:
        found = [await tx.users.find_by_email(EmailAddress(display=key, key=key)) for key in keys]
        rightly = await tx.users.find_by_email(ANNA)

    assert found == [None] * len(keys)
    assert rightly is not None
