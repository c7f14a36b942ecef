"""Roles and people who hold them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from app.ports.fresh import MAX_AGE
from app.roles.model import SUPERUSER, Role
from app.tests.support.people import signed_in
from app.tests.support.service import Service
from app.tests.support.tokens import claims_of
from app.tests.support.viewer import Viewer


async def make_role(service: Service, name: str, *permissions: str) -> None:
    """Make a role behind the API's back; it is in force when this is done."""
    async with service.services.storage.transaction() as tx:
        await tx.roles.add(Role(name=name, title=name.title(), permissions=permissions))
    service.clock.advance(MAX_AGE)


async def grant(service: Service, viewer: Viewer, role: str) -> UUID:
    """Give a role behind the API's back, to living sessions too."""
    user_id = id_of(viewer)
    async with service.services.storage.transaction() as tx:
        await tx.roles.grant(user_id, role)
        roles, version = await tx.roles.names_and_version(user_id)
    await service.services.sessions.tokens.set_roles(user_id, roles, version=version)
    return user_id


@asynccontextmanager
async def staff(service: Service, email: str, *permissions: str) -> AsyncIterator[Viewer]:
    """Somebody signed in who holds exactly these permissions."""
    async with signed_in(service, email) as somebody:
        role = "of-" + email.partition("@")[0]
        await make_role(service, role, *permissions)
        await grant(service, somebody, role)
        yield somebody


@asynccontextmanager
async def superuser(service: Service, email: str = "root@example.ru") -> AsyncIterator[Viewer]:
    """Somebody signed in who holds everything."""
    async with signed_in(service, email) as somebody:
        await grant(service, somebody, SUPERUSER)
        yield somebody


def id_of(viewer: Viewer) -> UUID:
    """Whose access token this is."""
    return UUID(claims_of(viewer.access_token)["sub"])
