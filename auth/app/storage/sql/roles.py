"""Roles in SQL."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.roles.model import Role
from app.storage.sql.tables import roles, user_roles, users


class SqlRoles:
    """`roles.repository.Roles`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_user(self, user_id: UUID) -> Sequence[Role]:
        statement = (
            select(roles)
            .join(user_roles, user_roles.c.role == roles.c.name)
            .where(user_roles.c.user_id == user_id)
            .order_by(roles.c.name)
        )
        rows = await self._connection.execute(statement)
        return [Role(name=row.name, title=row.title, permissions=tuple(row.permissions)) for row in rows]

    async def version_of_user(self, user_id: UUID) -> int:
        return await self._connection.scalar(select(users.c.roles_version).where(users.c.id == user_id)) or 0

    async def grant(self, user_id: UUID, role: str) -> None:
        held = (user_roles.c.user_id == user_id) & (user_roles.c.role == role)
        if not await self._connection.scalar(select(exists().where(held))):
            await self._connection.execute(insert(user_roles).values(user_id=user_id, role=role))
            await self._count_change(user_id)

    async def _count_change(self, user_id: UUID) -> None:
        counted = users.c.roles_version + 1
        await self._connection.execute(update(users).where(users.c.id == user_id).values(roles_version=counted))
