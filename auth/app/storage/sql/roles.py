"""Roles in SQL."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.roles.model import Role
from app.storage.sql.tables import roles, user_roles, users

NAMES_AND_VERSION = (
    select(user_roles.c.role, users.c.roles_version)
    .select_from(users.outerjoin(user_roles, user_roles.c.user_id == users.c.id))
    .where(users.c.id == bindparam("holder"))
    .order_by(user_roles.c.role)
)


class SqlRoles:
    """`roles.repository.Roles`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> Sequence[Role]:
        return [_role(row) for row in await self._connection.execute(select(roles).order_by(roles.c.name))]

    async def page(self, *, after: str | None, limit: int) -> Sequence[Role]:
        statement = select(roles).order_by(roles.c.name).limit(limit)
        if after is not None:
            statement = statement.where(roles.c.name > after)
        return [_role(row) for row in await self._connection.execute(statement)]

    async def get(self, name: str) -> Role | None:
        row = (await self._connection.execute(select(roles).where(roles.c.name == name))).one_or_none()
        return _role(row) if row else None

    async def lock(self, name: str) -> Role | None:
        # Written, not only locked: where the database isolates more than it must, whoever waited for a mere lock
        # would go on with what was true before.
        touched = update(roles).where(roles.c.name == name).values(title=roles.c.title).returning(*roles.c)
        row = (await self._connection.execute(touched)).one_or_none()
        return _role(row) if row else None

    async def add(self, role: Role) -> None:
        values = {"name": role.name, "title": role.title, "permissions": list(role.permissions)}
        await self._connection.execute(insert(roles).values(values))

    async def change(self, role: Role) -> None:
        values = {"title": role.title, "permissions": list(role.permissions)}
        await self._connection.execute(update(roles).where(roles.c.name == role.name).values(values))

    async def delete(self, name: str) -> None:
        await self._connection.execute(delete(roles).where(roles.c.name == name))

    async def is_held(self, name: str) -> bool:
        return bool(await self._connection.scalar(select(exists().where(user_roles.c.role == name))))

    async def of_user(self, user_id: UUID) -> Sequence[Role]:
        statement = (
            select(roles)
            .join(user_roles, user_roles.c.role == roles.c.name)
            .where(user_roles.c.user_id == user_id)
            .order_by(roles.c.name)
        )
        return [_role(row) for row in await self._connection.execute(statement)]

    async def names_of(self, user_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[str]]:
        held = select(user_roles).where(user_roles.c.user_id.in_(user_ids)).order_by(user_roles.c.role)
        names: dict[UUID, list[str]] = defaultdict(list)
        for row in await self._connection.execute(held):
            names[row.user_id].append(row.role)
        return names

    async def names_and_version(self, user_id: UUID) -> tuple[tuple[str, ...], int]:
        return names_and_version((await self._connection.execute(NAMES_AND_VERSION, {"holder": user_id})).all())

    async def grant(self, user_id: UUID, role: str) -> bool:
        held = (user_roles.c.user_id == user_id) & (user_roles.c.role == role)
        if await self._connection.scalar(select(exists().where(held))):
            return False
        await self._connection.execute(insert(user_roles).values(user_id=user_id, role=role))
        await self._count_change(user_id)
        return True

    async def revoke(self, user_id: UUID, role: str) -> bool:
        held = (user_roles.c.user_id == user_id) & (user_roles.c.role == role)
        if not (await self._connection.execute(delete(user_roles).where(held))).rowcount:
            return False
        await self._count_change(user_id)
        return True

    async def _count_change(self, user_id: UUID) -> None:
        counted = users.c.roles_version + 1
        await self._connection.execute(update(users).where(users.c.id == user_id).values(roles_version=counted))


def names_and_version(rows: Sequence[Any]) -> tuple[tuple[str, ...], int]:
    """What `NAMES_AND_VERSION` has found: no name and version 0 for an account that is gone."""
    return tuple(row.role for row in rows if row.role is not None), rows[0].roles_version if rows else 0


def _role(row: Row[Any]) -> Role:
    return Role(name=row.name, title=row.title, permissions=tuple(row.permissions))
