"""Accounts for tests of the store."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from app.accounts.email_address import EmailAddress, parse_email
from app.accounts.model import User
from app.storage.sql.storage import SqlStorage

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANNA = parse_email("Anna@example.ru")


def new_user(email: EmailAddress | None = ANNA, *, name: str | None = None) -> User:
    return User(id=uuid4(), created_at=NOW, email=email.display if email else None, name=name)


async def add(storage: SqlStorage, user: User, *, key: str | None = ANNA.key) -> User:
    async with storage.transaction() as tx:
        await tx.users.add(user, email_key=key)
    return user


async def find(storage: SqlStorage, user_id: UUID) -> User | None:
    async with storage.transaction() as tx:
        return await tx.users.get(user_id)
