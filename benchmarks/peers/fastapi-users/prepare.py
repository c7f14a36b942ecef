"""Make the schema and the accounts."""

import asyncio
import os
from pathlib import Path

from fastapi_users.db import SQLAlchemyUserDatabase
from fastapi_users.schemas import BaseUserCreate
from main import Base, User, UserManager, engine, make_session, password_helper


async def prepare(addresses: list[str]) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with make_session() as session:
        manager = UserManager(SQLAlchemyUserDatabase(session, User), password_helper)
        for email in addresses:
            await manager.create(BaseUserCreate(email=email, password=os.environ["PEER_PASSWORD"]))
    await engine.dispose()


asyncio.run(prepare(Path(os.environ["PEER_ADDRESSES"]).read_text(encoding="ascii").split()))
