"""The cinema's services that may ask about tokens, in SQL."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.sessions.model import ServiceClient
from app.storage.sql.tables import service_clients


class SqlClients:
    """`sessions.repository.Clients`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> Sequence[ServiceClient]:
        rows = await self._connection.execute(select(service_clients).order_by(service_clients.c.id))
        return [ServiceClient(**row) for row in rows.mappings()]

    async def add(self, client: ServiceClient) -> None:
        values = {
            "id": client.id,
            "name": client.name,
            "secret_hash": client.secret_hash,
            "created_at": client.created_at,
        }
        await self._connection.execute(insert(service_clients).values(values))

    async def remove(self, client_id: UUID) -> bool:
        chosen = service_clients.c.id == client_id
        return (await self._connection.execute(delete(service_clients).where(chosen))).rowcount > 0
