"""People who have come some way already."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from app.accounts.email_address import parse_email
from app.accounts.model import User
from app.ports.conflicts import rerun_on_conflict
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Viewer


async def register(service: Service, email: str, password: str = PASSWORD) -> None:
    """Register and confirm an address."""
    async with service.viewer() as somebody:
        await somebody.post("/register", {"email": email, "password": password})
        await somebody.post("/email/confirm", {"token": await service.confirmation_token(email)})


@asynccontextmanager
async def signed_in(service: Service, email: str) -> AsyncIterator[Viewer]:
    """Somebody with a confirmed account, signed in on a device of their own."""
    if await stored_user(service, email) is None:
        await register(service, email)
    async with service.viewer() as somebody:
        answer = await somebody.login(email)
        assert answer.status == 200, answer.text
        yield somebody


@rerun_on_conflict
async def stored_user(service: Service, email: str) -> User | None:
    """The account as it is stored."""
    async with service.services.storage.transaction() as tx:
        return await tx.users.find_by_email(parse_email(email))


async def block(service: Service, email: str) -> None:
    """Block an account behind the API's back."""
    await execute(service, "UPDATE users SET blocked_at = created_at WHERE email_key = :email", email=email)


@rerun_on_conflict
async def execute(service: Service, statement: str, **values: object) -> list[dict[str, object]]:
    """Look and reach behind the answers, in SQL."""
    from sqlalchemy import text  # noqa: PLC0415

    async with service.services.storage.transaction() as tx:
        result = await tx._connection.execute(text(statement), values)
        return [dict(row) for row in result.mappings()] if result.returns_rows else []


def hex_id(value: object) -> str:
    """An identifier as SQLite keeps it."""
    return UUID(str(value)).hex
