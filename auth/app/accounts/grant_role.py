"""Give somebody a role: never one that allows more than one may do oneself."""

from uuid import UUID

from app.accounts.authority import lock_both, note_act
from app.accounts.errors import AccountUnproven
from app.accounts.services import AccountServices
from app.errors import NotFound
from app.http.permissions import Permission
from app.http.principal import Principal
from app.ports.conflicts import rerun_on_conflict
from app.roles.model import is_role_name
from app.sessions.model import LoginOutcome
from app.sessions.roles_in_force import HeldRoles, put_in_force, read_roles


async def grant_role(services: AccountServices, principal: Principal, user_id: UUID, role: str) -> None:
    """Grant; granting again changes nothing. In force for open sessions at the next request.

    Raises:
        NotFound: there is no such account or no such role.
        PermissionDenied: the caller may not grant roles, or does not hold all that this one allows.
        AccountUnproven: the role would be given to whoever typed the address first.
        TemporarilyUnavailable: it is not in force yet for open sessions; grant again.
    """
    await put_in_force(services.sessions, await _grant(services, principal, user_id, role))


@rerun_on_conflict
async def _grant(services: AccountServices, principal: Principal, user_id: UUID, name: str) -> HeldRoles:
    async with services.storage.transaction() as tx:
        authority = await lock_both(tx, principal, user_id, Permission.ROLES_GRANT)
        role = await tx.roles.get(name) if is_role_name(name) else None
        if role is None:
            raise NotFound
        authority.require(role.permissions)
        if authority.user.email is not None and authority.user.email_confirmed_at is None:
            raise AccountUnproven
        if await tx.roles.grant(user_id, name):
            await note_act(services, tx, user_id, LoginOutcome.ROLE_GRANTED, by=principal, role=name)
        return await read_roles(tx, user_id)
