"""Take a role from somebody: never one that allows more than one may do oneself, never the last superuser's."""

from uuid import UUID

from app.accounts.authority import lock_both, note_act
from app.accounts.last_superuser import keep_a_superuser
from app.accounts.services import AccountServices
from app.errors import NotFound
from app.http.permissions import Permission
from app.http.principal import Principal
from app.ports.conflicts import rerun_on_conflict
from app.roles.model import SUPERUSER, is_role_name
from app.sessions.model import LoginOutcome
from app.sessions.roles_in_force import HeldRoles, put_in_force, read_roles


async def revoke_role(services: AccountServices, principal: Principal, user_id: UUID, role: str) -> None:
    """Revoke; what is not held stays so. In force for open sessions at the next request.

    Raises:
        NotFound: there is no such account or no such role.
        PermissionDenied: the caller may not grant roles, or does not hold all that this one allows.
        LastSuperuser: nobody else could do what this account can.
        TemporarilyUnavailable: it is not in force yet for open sessions; revoke again.
    """
    await put_in_force(services.sessions, await _revoke(services, principal, user_id, role))


@rerun_on_conflict
async def _revoke(services: AccountServices, principal: Principal, user_id: UUID, name: str) -> HeldRoles:
    async with services.storage.transaction() as tx:
        authority = await lock_both(tx, principal, user_id, Permission.ROLES_GRANT)
        role = await tx.roles.get(name) if is_role_name(name) else None
        if role is None:
            raise NotFound
        authority.require(role.permissions)
        if name == SUPERUSER:
            await keep_a_superuser(tx, user_id)
        if await tx.roles.revoke(user_id, name):
            await note_act(services, tx, user_id, LoginOutcome.ROLE_REVOKED, by=principal, role=name)
        return await read_roles(tx, user_id)
