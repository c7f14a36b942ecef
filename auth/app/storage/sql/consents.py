"""What people have agreed to, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.accounts.consents import Consent
from app.http.client import Client
from app.storage.sql.tables import consents


class SqlConsents:
    """`accounts.repository.Consents`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, consent: Consent) -> None:
        await self._connection.execute(insert(consents).values(consent_values(consent)))

    async def of_user(self, user_id: UUID) -> Sequence[Consent]:
        statement = select(consents).where(consents.c.user_id == user_id).order_by(consents.c.given_at, consents.c.id)
        return [read_consent(row) for row in (await self._connection.execute(statement)).mappings()]

    async def withdraw(self, user_id: UUID, document: str, *, at: datetime) -> None:
        held = (consents.c.user_id == user_id) & (consents.c.document == document) & consents.c.withdrawn_at.is_(None)
        await self._connection.execute(update(consents).where(held).values(withdrawn_at=at))

    async def drop(self, user_id: UUID) -> None:
        await self._connection.execute(delete(consents).where(consents.c.user_id == user_id))


def consent_values(consent: Consent) -> dict[str, Any]:
    """The columns of a row."""
    return {
        "id": consent.id,
        "user_id": consent.user_id,
        "document": consent.document,
        "version": consent.version,
        "given_at": consent.given_at,
        "address": consent.client.address,
        "user_agent": consent.client.user_agent,
        "withdrawn_at": consent.withdrawn_at,
    }


def read_consent(row: RowMapping) -> Consent:
    """What a row says."""
    return Consent(
        id=row["id"],
        user_id=row["user_id"],
        document=row["document"],
        version=row["version"],
        given_at=row["given_at"],
        client=Client(address=row["address"], user_agent=row["user_agent"]),
        withdrawn_at=row["withdrawn_at"],
    )
