"""Linked accounts in SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.accounts.model import User
from app.social.model import SocialAccount
from app.storage.sql.accounts import read_user
from app.storage.sql.tables import social_accounts, users

_THIS_IDENTITY = (social_accounts.c.social == bindparam("at")) & (social_accounts.c.subject == bindparam("whose"))
_LOCKED_OWNER = (
    select(users)
    .join(social_accounts, social_accounts.c.user_id == users.c.id)
    .where(_THIS_IDENTITY)
    .with_for_update(of=users)
)
_TOUCHED = update(social_accounts).where(_THIS_IDENTITY, social_accounts.c.user_id == bindparam("owner"))


class SqlSocialAccounts:
    """`social.repository.SocialAccounts`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, social: str, subject: str) -> SocialAccount | None:
        statement = select(social_accounts).where(_identity(social, subject))
        row = (await self._connection.execute(statement)).mappings().one_or_none()
        return SocialAccount(**row) if row else None

    async def lock_owner(self, social: str, subject: str) -> User | None:
        row = (await self._connection.execute(_LOCKED_OWNER, {"at": social, "whose": subject})).mappings().one_or_none()
        return read_user(row) if row else None

    async def add(self, account: SocialAccount) -> None:
        await self._connection.execute(insert(social_accounts).values(asdict(account)))

    async def touch(
        self, social: str, subject: str, user_id: UUID, *, at: datetime, email: str | None, name: str | None
    ) -> bool:
        named = {"at": social, "whose": subject, "owner": user_id}
        values = {"last_used_at": at, "email": email, "name": name}
        return (await self._connection.execute(_TOUCHED, named | values)).rowcount > 0

    async def of_user(self, user_id: UUID) -> Sequence[SocialAccount]:
        mine = social_accounts.c.user_id == user_id
        order = (social_accounts.c.linked_at, social_accounts.c.social)
        rows = await self._connection.execute(select(social_accounts).where(mine).order_by(*order))
        return [SocialAccount(**row) for row in rows.mappings()]

    async def remove(self, social: str, subject: str) -> None:
        await self._connection.execute(delete(social_accounts).where(_identity(social, subject)))

    async def remove_of(self, user_id: UUID, social: str) -> None:
        linked = (social_accounts.c.user_id == user_id) & (social_accounts.c.social == social)
        await self._connection.execute(delete(social_accounts).where(linked))

    async def describe(self, user_id: UUID) -> Sequence[Mapping[str, object]]:
        return [asdict(each) for each in await self.of_user(user_id)]

    async def remove_since(self, user_id: UUID, *, since: datetime) -> None:
        recent = (social_accounts.c.user_id == user_id) & (social_accounts.c.linked_at >= since)
        await self._connection.execute(delete(social_accounts).where(recent))

    async def has_any(self, user_id: UUID, social: str) -> bool:
        linked = (social_accounts.c.user_id == user_id) & (social_accounts.c.social == social)
        return bool(await self._connection.scalar(select(exists().where(linked))))


def _identity(social: str, subject: str) -> ColumnElement[bool]:
    return (social_accounts.c.social == social) & (social_accounts.c.subject == subject)
