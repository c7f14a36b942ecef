"""The outbox in SQL."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.mail.model import OutgoingMail, Recipient, Template
from app.storage.sql.tables import outbox, users


class SqlOutbox:
    """`mail.repository.Outbox`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, mail: OutgoingMail) -> None:
        values = {
            "id": mail.id,
            "created_at": mail.created_at,
            "to": mail.to,
            "template": mail.template.value,
            "locale": mail.locale,
            "values": mail.values,
        }
        await self._connection.execute(insert(outbox).values(values))

    async def newest(self, limit: int) -> Sequence[OutgoingMail]:
        rows = await self._connection.execute(select(outbox).order_by(outbox.c.id.desc()).limit(limit))
        return [OutgoingMail(**{**row, "template": Template(row["template"])}) for row in rows.mappings()]


class SqlRecipients:
    """`mail.repository.Recipients`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_user(self, user_id: UUID) -> Recipient | None:
        confirmed = (users.c.id == user_id) & users.c.email.is_not(None) & users.c.email_confirmed_at.is_not(None)
        row = (await self._connection.execute(select(users.c.email, users.c.locale).where(confirmed))).one_or_none()
        return Recipient(email=row.email, locale=row.locale) if row else None
