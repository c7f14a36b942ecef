"""Accounts and mailed tokens in SQL."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Executable,
    RowMapping,
    bindparam,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.accounts.email_address import EmailAddress
from app.accounts.model import MailToken, MailTokenPurpose, User, UserFilter
from app.http.client import UNKNOWN_ADDRESS
from app.sessions.model import Session
from app.storage.sql.tables import mail_tokens, sessions, user_roles, users

# Built once: putting such a statement together takes as long as asking it.
_BY_ID = select(users).where(users.c.id == bindparam("id"))
_BY_EMAIL = select(users).where(users.c.email_key == bindparam("email_key"))
_LOCKED = _BY_ID.with_for_update()
LAST_SIGN = "\U0010ffff"  # comes after every sign that an address or a name can have


class SqlUsers:
    """`accounts.repository.Users`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, user: User, *, email_key: str | None) -> None:
        await self._connection.execute(insert(users).values(user_values(user, email_key)))

    async def get(self, user_id: UUID) -> User | None:
        return await self._read(_BY_ID, {"id": user_id})

    async def page(self, wanted: UserFilter, *, before: UUID | None, limit: int) -> Sequence[User]:
        statement = select(users).where(*_wanted(wanted)).order_by(users.c.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(users.c.id < before)
        return [read_user(row) for row in (await self._connection.execute(statement)).mappings()]

    async def lock(self, user_id: UUID) -> User | None:
        return await self._read(_LOCKED, {"id": user_id})

    async def find_by_email(self, email: EmailAddress) -> User | None:
        return await self._read(_BY_EMAIL, {"email_key": email.key})

    async def confirm_email(self, user_id: UUID, *, at: datetime) -> None:
        await self._update(user_id, email_confirmed_at=at)

    async def set_email(self, user_id: UUID, email: EmailAddress, *, at: datetime) -> None:
        await self._update(user_id, email=email.display, email_key=email.key, email_confirmed_at=at)

    async def set_password_hash(self, user_id: UUID, password_hash: str | None) -> None:
        await self._update(user_id, password_hash=password_hash)

    async def set_profile(self, user_id: UUID, *, name: str | None, locale: str) -> None:
        await self._update(user_id, name=name, name_key=_name_key(name), locale=locale)

    async def set_blocked(self, user_id: UUID, *, at: datetime | None) -> None:
        await self._update(user_id, blocked_at=at)

    async def is_role_held_besides(self, user_id: UUID, role: str) -> bool:
        others = user_roles.join(users, users.c.id == user_roles.c.user_id)
        held = (user_roles.c.role == role) & (user_roles.c.user_id != user_id) & users.c.blocked_at.is_(None)
        return bool(await self._connection.scalar(select(exists().select_from(others).where(held))))

    async def delete(self, user_id: UUID) -> None:
        theirs = sessions.c.user_id == user_id
        await self._connection.execute(update(sessions).where(theirs).values(address=UNKNOWN_ADDRESS, user_agent=""))
        await self._connection.execute(delete(users).where(users.c.id == user_id))

    async def _update(self, user_id: UUID, **values: Any) -> None:
        await self._connection.execute(update(users).where(users.c.id == user_id).values(values))

    async def _read(self, statement: Executable, values: Mapping[str, object] | None = None) -> User | None:
        row = (await self._connection.execute(statement, values)).mappings().one_or_none()
        return read_user(row) if row else None


def _wanted(wanted: UserFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.user_id is not None:
        yield users.c.id == wanted.user_id
    beginnings = []
    if wanted.email_prefix is not None:
        beginnings.append(_begins(users.c.email_key, wanted.email_prefix))
    if wanted.name_prefix is not None:
        beginnings.append(_begins(users.c.name_key, _name_key(wanted.name_prefix) or ""))
    if beginnings:
        yield or_(*beginnings)


def _begins(column: Column[str], beginning: str) -> ColumnElement[bool]:
    """A span of the index, where a pattern would be read by each database in its own way."""
    return (column >= beginning) & (column < beginning + LAST_SIGN)


def _name_key(name: str | None) -> str | None:
    return name.casefold() if name is not None else None


def read_user(row: RowMapping) -> User:
    """What a row says."""
    return User(**{each.name: row[each.name] for each in fields(User)})


def user_values(user: User, email_key: str | None) -> dict[str, Any]:
    """The columns of an account's row."""
    return {
        "id": user.id,
        "email": user.email,
        "email_key": email_key,
        "email_confirmed_at": user.email_confirmed_at,
        "password_hash": user.password_hash,
        "name": user.name,
        "name_key": _name_key(user.name),
        "locale": user.locale,
        "avatar_url": user.avatar_url,
        "created_at": user.created_at,
        "blocked_at": user.blocked_at,
    }


class SqlMailTokens:
    """`accounts.repository.MailTokens`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, token: MailToken) -> None:
        values = {
            "token_hash": token.token_hash,
            "purpose": token.purpose.value,
            "user_id": token.user_id,
            "email": token.email,
            "expires_at": token.expires_at,
            "password_hash": token.password_hash,
            "session_id": token.session_id,
        }
        await self._connection.execute(insert(mail_tokens).values(values))

    async def add_denial(self, token_hash: bytes, session: Session, *, email: str, expires_at: datetime) -> None:
        denial = MailToken(
            token_hash=token_hash,
            purpose=MailTokenPurpose.DENY_SIGN_IN,
            user_id=session.user_id,
            email=email,
            expires_at=expires_at,
            session_id=session.id,
        )
        await self.add(denial)

    async def find(self, token_hash: bytes, purpose: MailTokenPurpose, *, at: datetime) -> MailToken | None:
        return await self._read(select(mail_tokens).where(_living(token_hash, purpose, at)))

    async def take(self, token_hash: bytes, purpose: MailTokenPurpose, *, at: datetime) -> MailToken | None:
        living = _living(token_hash, purpose, at)
        return await self._read(delete(mail_tokens).where(living).returning(*mail_tokens.c))

    async def drop(self, user_id: UUID, *purposes: MailTokenPurpose) -> None:
        mine = (mail_tokens.c.user_id == user_id) & mail_tokens.c.purpose.in_([each.value for each in purposes])
        await self._connection.execute(delete(mail_tokens).where(mine))

    async def drop_undoing(self, user_id: UUID, *, email: str, since: datetime) -> None:
        undoing = (mail_tokens.c.user_id == user_id) & (mail_tokens.c.purpose == MailTokenPurpose.UNDO_EMAIL.value)
        same_or_later = (mail_tokens.c.email == email) | (mail_tokens.c.expires_at > since)
        await self._connection.execute(delete(mail_tokens).where(undoing, same_or_later))

    async def _read(self, statement: Executable) -> MailToken | None:
        row = (await self._connection.execute(statement)).mappings().one_or_none()
        return MailToken(**{**row, "purpose": MailTokenPurpose(row["purpose"])}) if row else None


def _living(token_hash: bytes, purpose: MailTokenPurpose, at: datetime) -> ColumnElement[bool]:
    same = (mail_tokens.c.token_hash == token_hash) & (mail_tokens.c.purpose == purpose.value)
    return same & (mail_tokens.c.expires_at > at)
