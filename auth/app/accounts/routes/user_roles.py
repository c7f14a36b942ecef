"""The roles of other people over HTTP."""

from litestar import delete, get, put

from app.accounts.errors import AccountUnproven, LastSuperuser
from app.accounts.grant_role import grant_role
from app.accounts.revoke_role import revoke_role
from app.accounts.routes.shared import FromAccounts
from app.accounts.user_roles import list_user_roles
from app.errors import InvalidInput, NotFound
from app.http.dependencies import FromPrincipal
from app.http.ids import IdPath, read_id
from app.http.openapi import needs, permission_problems
from app.http.paging import FromPage
from app.http.permissions import Permission
from app.roles.routes import RolePath
from app.roles.schemas import RoleBody, RolePageBody


@get(
    "/users/{user_id:str}/roles",
    operation_id="list_user_roles",
    summary="The roles of an account",
    tags=["Administration"],
    security=needs(Permission.USERS_READ),
    responses=permission_problems(InvalidInput, NotFound),
)
async def list_user_roles_route(
    user_id: IdPath, principal: FromPrincipal, accounts: FromAccounts, page: FromPage
) -> RolePageBody:
    """By name, with all that they allow. Needs `users.read`."""
    found = await list_user_roles(accounts, read_id(user_id), page)
    return RolePageBody(items=[RoleBody.of(role) for role in found.items], next_cursor=found.next_cursor)


@put(
    "/users/{user_id:str}/roles/{role:str}",
    operation_id="grant_role",
    summary="Grant a role",
    tags=["Administration"],
    status_code=204,
    security=needs(Permission.ROLES_GRANT),
    responses=permission_problems(NotFound, AccountUnproven),
)
async def grant_role_route(user_id: IdPath, role: RolePath, principal: FromPrincipal, accounts: FromAccounts) -> None:
    """Needs `roles.grant`, and every permission that the role has. Granting again changes nothing.

    In force from the next request on at this service, and in other services at the next refresh.
    """
    await grant_role(accounts, principal, read_id(user_id), role)


@delete(
    "/users/{user_id:str}/roles/{role:str}",
    operation_id="revoke_role",
    summary="Revoke a role",
    tags=["Administration"],
    status_code=204,
    security=needs(Permission.ROLES_GRANT),
    responses=permission_problems(NotFound, LastSuperuser),
)
async def revoke_role_route(user_id: IdPath, role: RolePath, principal: FromPrincipal, accounts: FromAccounts) -> None:
    """Needs `roles.grant`, and every permission that the role has. What is not held stays so.

    In force from the next request on at this service, and in other services at the next refresh.
    """
    await revoke_role(accounts, principal, read_id(user_id), role)
