"""fastapi-users as its full example has it: accounts in PostgreSQL, JWT by HS256, the bearer transport."""

import os
import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from fastapi_users.password import PasswordHelper
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

SECRET = os.environ["PEER_SECRET"]
DATABASE = f"postgresql+asyncpg://{os.environ['PGUSER']}@/{os.environ['PGDATABASE']}?host={os.environ['PGHOST']}"


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    pass


# By default five connections stay, and ten more are opened and closed again at need: ten that stay serve a steady load
# better (SQLAlchemy's docs, "Connection Pooling").
engine = create_async_engine(DATABASE, pool_size=10, max_overflow=0)
make_session = async_sessionmaker(engine, expire_on_commit=False)

hasher = Argon2Hasher(
    memory_cost=int(os.environ["ARGON2_MEMORY_KIB"]),
    time_cost=int(os.environ["ARGON2_TIME_COST"]),
    parallelism=int(os.environ["ARGON2_PARALLELISM"]),
)
password_helper = PasswordHelper(PasswordHash((hasher,)))


class UserManager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    reset_password_token_secret = SECRET
    verification_token_secret = SECRET


async def open_session() -> AsyncIterator[AsyncSession]:
    async with make_session() as session:
        yield session


async def get_user_db(session: Annotated[AsyncSession, Depends(open_session)]) -> AsyncIterator[Any]:
    yield SQLAlchemyUserDatabase(session, User)


async def get_user_manager(user_db: Annotated[Any, Depends(get_user_db)]) -> AsyncIterator[UserManager]:
    yield UserManager(user_db, password_helper)


def get_strategy() -> JWTStrategy[User, uuid.UUID]:
    return JWTStrategy(secret=SECRET, lifetime_seconds=86400)  # a day: longer than any measurement


backend = AuthenticationBackend(name="jwt", transport=BearerTransport("auth/jwt/login"), get_strategy=get_strategy)
users = FastAPIUsers[User, uuid.UUID](get_user_manager, [backend])
current_user = users.current_user(active=True)

app = FastAPI()
app.include_router(users.get_auth_router(backend), prefix="/auth/jwt")
app.include_router(users.get_users_router(schemas.BaseUser[uuid.UUID], schemas.BaseUserUpdate), prefix="/users")


@app.get("/ready")
async def ready() -> dict[str, str]:
    return {}


@app.post("/auth/jwt/refresh")
async def refresh(
    user: Annotated[User, Depends(current_user)],
    strategy: Annotated[JWTStrategy[User, uuid.UUID], Depends(get_strategy)],
) -> Any:
    """What stands in the place of a refresh, which there is not: a new token for whoever has one that is valid."""
    return await backend.login(strategy, user)
