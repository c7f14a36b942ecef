"""The outbox in SQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, update
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
            "attempts": mail.attempts,
            "next_attempt_at": mail.created_at,
        }
        await self._connection.execute(insert(outbox).values(values))

    async def newest(self, limit: int) -> Sequence[OutgoingMail]:
        waiting = outbox.c.done_at.is_(None)
        statement = select(outbox).where(waiting).order_by(outbox.c.id.desc()).limit(limit)
        rows = await self._connection.execute(statement)
        return [_mail(row) for row in rows.mappings()]

    async def lease(self, limit: int, *, at: datetime, until: datetime) -> Sequence[OutgoingMail]:
        waiting = outbox.c.done_at.is_(None) & (outbox.c.next_attempt_at <= at)
        statement = select(outbox).where(waiting).order_by(outbox.c.id).limit(limit)
        rows = (await self._connection.execute(statement.with_for_update(skip_locked=True))).mappings().all()
        taken = outbox.c.id.in_([row["id"] for row in rows])
        changes = {"next_attempt_at": until, "attempts": outbox.c.attempts + 1}
        await self._connection.execute(update(outbox).where(taken).values(changes))
        return [_mail(row) for row in rows]

    async def release(self, mails: Collection[OutgoingMail], *, at: datetime) -> None:
        for mail in mails:
            await self._update_leased(mail, next_attempt_at=at, attempts=mail.attempts)

    async def sent(self, mail_id: UUID, *, at: datetime) -> None:
        changes = {"done_at": at, "delivered": True, "values": {}}
        await self._connection.execute(update(outbox).where(outbox.c.id == mail_id).values(changes))

    async def retry(self, mail: OutgoingMail, *, at: datetime) -> None:
        await self._update_leased(mail, next_attempt_at=at)

    async def give_up(self, mail: OutgoingMail, *, at: datetime) -> None:
        await self._update_leased(mail, done_at=at, delivered=False, values={})

    async def _update_leased(self, mail: OutgoingMail, **changes: Any) -> None:
        """Each lease counts the attempts up, so another number is somebody else's lease."""
        mine = (outbox.c.id == mail.id) & (outbox.c.attempts == mail.attempts + 1) & outbox.c.done_at.is_(None)
        await self._connection.execute(update(outbox).where(mine).values(changes))


class SqlRecipients:
    """`mail.repository.Recipients`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_user(self, user_id: UUID) -> Recipient | None:
        confirmed = (users.c.id == user_id) & users.c.email.is_not(None) & users.c.email_confirmed_at.is_not(None)
        row = (await self._connection.execute(select(users.c.email, users.c.locale).where(confirmed))).one_or_none()
        return Recipient(email=row.email, locale=row.locale) if row else None


def _mail(row: RowMapping) -> OutgoingMail:
    names = ("id", "created_at", "to", "locale", "values", "attempts")
    return OutgoingMail(template=Template(row["template"]), **{name: row[name] for name in names})
