"""Accounts with all that moves with them, in SQL: a few statements for hundreds of accounts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Table, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.accounts.model import User
from app.social.account_record import AccountRecord, Known
from app.social.model import SocialAccount
from app.storage.sql.accounts import read_user, user_values
from app.storage.sql.consents import consent_values, read_consent
from app.storage.sql.roles import SqlRoles
from app.storage.sql.tables import consents, sessions, social_accounts, user_roles, users


class SqlTransfer:
    """`social.repository.Transfer`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find_known(self, records: Sequence[AccountRecord]) -> Known:
        ids = [each.user.id for each in records if each.brings_id]
        keys = [each.email_key for each in records if each.email_key is not None]
        pairs = [(each.social, each.subject) for record in records for each in record.identities]
        same = users.c.id.in_(ids) | users.c.email_key.in_(keys)
        found = await self._read(select(users.c.id, users.c.email_key, users.c.email_confirmed_at).where(same))
        linked = tuple_(social_accounts.c.social, social_accounts.c.subject).in_(pairs)
        identities = await self._read(select(social_accounts).where(linked)) if pairs else []
        remembered = await self._read(select(sessions.c.user_id).where(sessions.c.user_id.in_(ids)).distinct())
        return Known(
            ids={row["id"] for row in found},
            emails={row["email_key"]: row["id"] for row in found if row["email_key"] is not None},
            confirmed={row["id"] for row in found if row["email_confirmed_at"] is not None},
            identities={(row["social"], row["subject"]): row["user_id"] for row in identities},
            gone={row["user_id"] for row in remembered},
            roles={role.name: role for role in await SqlRoles(self._connection).all()},
        )

    async def add(self, records: Sequence[AccountRecord]) -> None:
        await self._insert(users, [_account_values(each) for each in records])
        await self._insert(social_accounts, [asdict(each) for record in records for each in record.identities])
        granted = [{"user_id": record.user.id, "role": role} for record in records for role in record.roles]
        await self._insert(user_roles, granted)
        await self._insert(consents, [consent_values(each) for record in records for each in record.consents])

    async def page(self, *, after: UUID | None, limit: int) -> Sequence[AccountRecord]:
        statement = select(users).order_by(users.c.id).limit(limit)
        if after is not None:
            statement = statement.where(users.c.id > after)
        rows = await self._read(statement)
        accounts = [(read_user(row), row["email_key"]) for row in rows]
        return await self._complete(accounts)

    async def _complete(self, accounts: Sequence[tuple[User, str | None]]) -> Sequence[AccountRecord]:
        ids = [user.id for user, _ in accounts]
        roles = await SqlRoles(self._connection).names_of(ids)
        identities = await self._of(social_accounts, ids, order=social_accounts.c.social)
        agreed = await self._of(consents, ids, order=consents.c.id)
        return [
            AccountRecord(
                user=user,
                email_key=email_key,
                roles=tuple(roles.get(user.id, ())),
                identities=tuple(SocialAccount(**row) for row in identities[user.id]),
                consents=tuple(map(read_consent, agreed[user.id])),
            )
            for user, email_key in accounts
        ]

    async def _of(
        self, table: Table, ids: Sequence[UUID], *, order: ColumnElement[Any]
    ) -> Mapping[UUID, Sequence[RowMapping]]:
        """The rows of some accounts, by account."""
        found: dict[UUID, list[RowMapping]] = defaultdict(list)
        for row in await self._read(select(table).where(table.c.user_id.in_(ids)).order_by(order)):
            found[row["user_id"]].append(row)
        return found

    async def _read(self, statement: Any) -> Sequence[RowMapping]:
        return (await self._connection.execute(statement)).mappings().all()

    async def _insert(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            await self._connection.execute(insert(table), rows)


def _account_values(record: AccountRecord) -> dict[str, Any]:
    return {**user_values(record.user, record.email_key), "roles_version": len(record.roles)}
