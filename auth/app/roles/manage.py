"""Make, change and delete roles: nobody makes one that allows more than they may themselves."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from app.errors import NotFound
from app.http.permissions import Permission, require_permissions
from app.http.principal import Principal
from app.ports.conflicts import rerun_on_conflict
from app.roles.errors import RoleExists, RoleFixed, RoleInUse
from app.roles.model import Role, is_role_name
from app.roles.repository import RolesTransaction
from app.roles.services import RoleServices

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class RoleChange:
    """What a role is to be; `None` leaves it as it is."""

    title: str | None
    permissions: tuple[str, ...] | None


async def create_role(services: RoleServices, principal: Principal, role: Role) -> None:
    """Make a role that nobody holds yet.

    Raises:
        PermissionDenied: the caller may not write roles, or does not hold all that the role allows.
        RoleExists: there is one of this name.
    """
    await _add(services, principal.user_id, role)
    _announce(services, "role.created", principal, role.name)


async def change_role(services: RoleServices, principal: Principal, name: str, change: RoleChange) -> Role:
    """Change title or permissions, for everybody who holds the role.

    Raises:
        NotFound: there is no such role.
        RoleFixed: it is the superuser's.
        PermissionDenied: the caller may not write roles, or does not hold all that the role allows, before or after.
    """
    changed = await _change(services, principal.user_id, name, change)
    _announce(services, "role.changed", principal, name)
    return changed


async def delete_role(services: RoleServices, principal: Principal, name: str) -> None:
    """Delete a role that nobody holds.

    Raises:
        NotFound, RoleFixed, PermissionDenied: as for a change.
        RoleInUse: somebody holds it.
    """
    await _delete(services, principal.user_id, name)
    _announce(services, "role.deleted", principal, name)


@rerun_on_conflict  # where the same name is taken at the same moment, the second look finds it
async def _add(services: RoleServices, actor: UUID, role: Role) -> None:
    async with services.storage.transaction() as tx:
        await _require(tx, actor, role)
        if await tx.roles.get(role.name) is not None:
            raise RoleExists
        await tx.roles.add(role)


@rerun_on_conflict
async def _change(services: RoleServices, actor: UUID, name: str, change: RoleChange) -> Role:
    async with services.storage.transaction() as tx:
        role = await _lock(tx, name)
        changed = Role(
            name=role.name,
            title=role.title if change.title is None else change.title,
            permissions=role.permissions if change.permissions is None else change.permissions,
        )
        await _require(tx, actor, role, changed)
        await tx.roles.change(changed)
    return changed


@rerun_on_conflict  # where it is granted at the same moment, the second look finds its holder
async def _delete(services: RoleServices, actor: UUID, name: str) -> None:
    async with services.storage.transaction() as tx:
        role = await _lock(tx, name)
        await _require(tx, actor, role)
        if await tx.roles.is_held(name):
            raise RoleInUse
        await tx.roles.delete(name)


async def _lock(tx: RolesTransaction, name: str) -> Role:
    role = await tx.roles.lock(name) if is_role_name(name) else None
    if role is None:
        raise NotFound
    if role.is_fixed:
        raise RoleFixed
    return role


async def _require(tx: RolesTransaction, actor: UUID, *roles: Role) -> None:
    """Judge by what is stored now, not by what was true when the request began."""
    held = {permission for role in await tx.roles.of_user(actor) for permission in role.permissions}
    wanted = {permission for role in roles for permission in role.permissions}
    require_permissions(held, {Permission.ROLES_WRITE, *wanted})


def _announce(services: RoleServices, event: str, principal: Principal, name: str) -> None:
    services.catalogue.forget()
    log.info(event, role=name, by=str(principal.user_id))
