"""Roles over HTTP."""

from typing import Annotated

from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter
from msgspec import UNSET

from app.errors import InvalidInput, NotFound
from app.http.dependencies import FromPrincipal
from app.http.openapi import BEARER, needs, permission_problems
from app.http.paging import FromPage
from app.http.permissions import Permission, require_permissions
from app.roles import find
from app.roles.errors import RoleExists, RoleFixed, RoleInUse
from app.roles.manage import RoleChange, change_role, create_role, delete_role
from app.roles.model import is_permission
from app.roles.schemas import ChangeRoleBody, CreateRoleBody, RoleBody, RolePageBody, read_permissions, read_title
from app.roles.services import RoleServices

FromRoles = NamedDependency[RoleServices]
RolePath = Annotated[str, PathParameter(description="The name of a role.")]
PermissionPath = Annotated[str, PathParameter(description="For example `films.edit`.")]


@get(
    "/roles",
    operation_id="list_roles",
    summary="The roles",
    tags=["Administration"],
    security=needs(Permission.ROLES_READ),
    responses=permission_problems(InvalidInput),
)
async def list_roles_route(principal: FromPrincipal, roles: FromRoles, page: FromPage) -> RolePageBody:
    """By name. Needs `roles.read`."""
    found = await find.list_roles(roles, page)
    return RolePageBody(items=[RoleBody.of(role) for role in found.items], next_cursor=found.next_cursor)


@get(
    "/roles/{role:str}",
    operation_id="get_role",
    summary="One role",
    tags=["Administration"],
    security=needs(Permission.ROLES_READ),
    responses=permission_problems(NotFound),
)
async def get_role_route(role: RolePath, principal: FromPrincipal, roles: FromRoles) -> RoleBody:
    """With all that it allows. Needs `roles.read`."""
    return RoleBody.of(await find.find_role(roles, role))


@post(
    "/roles",
    operation_id="create_role",
    summary="Make a role",
    tags=["Administration"],
    security=needs(Permission.ROLES_WRITE),
    responses=permission_problems(InvalidInput, RoleExists),
)
async def create_role_route(
    data: JSONBody[CreateRoleBody], principal: FromPrincipal, roles: FromRoles
) -> Response[RoleBody]:
    """Needs `roles.write`, and every permission that the role is to have. Nobody holds the new role yet."""
    role = data.read()
    await create_role(roles, principal, role)
    return Response(RoleBody.of(role), status_code=201)


@patch(
    "/roles/{role:str}",
    operation_id="update_role",
    summary="Change a role",
    tags=["Administration"],
    security=needs(Permission.ROLES_WRITE),
    responses=permission_problems(InvalidInput, NotFound, RoleFixed),
)
async def update_role_route(
    role: RolePath, data: JSONBody[ChangeRoleBody], principal: FromPrincipal, roles: FromRoles
) -> RoleBody:
    """Needs `roles.write`, and every permission that the role has or is to have.

    In force for everybody who holds the role: here within a second. The name stays: it stands in tokens.
    """
    change = RoleChange(
        title=None if data.title is UNSET else read_title(data.title),
        permissions=None if data.permissions is UNSET else read_permissions(data.permissions),
    )
    return RoleBody.of(await change_role(roles, principal, role, change))


@delete(
    "/roles/{role:str}",
    operation_id="delete_role",
    summary="Delete a role that nobody holds",
    tags=["Administration"],
    security=needs(Permission.ROLES_WRITE),
    responses=permission_problems(NotFound, RoleFixed, RoleInUse),
)
async def delete_role_route(role: RolePath, principal: FromPrincipal, roles: FromRoles) -> None:
    """Needs `roles.write`, and every permission that the role has."""
    await delete_role(roles, principal, role)


@get(
    "/me/permissions/{permission:str}",
    operation_id="check_permission",
    summary="Whether one holds a permission",
    tags=["Accounts"],
    status_code=204,
    security=BEARER,
    responses=permission_problems(NotFound),
)
async def check_permission(permission: PermissionPath, principal: FromPrincipal) -> None:
    """204 if the caller holds it now, by any role; 403 if not."""
    if not is_permission(permission):
        raise NotFound
    require_permissions(principal.permissions, [permission])


routes = Router(
    "/",
    route_handlers=[
        list_roles_route,
        get_role_route,
        create_role_route,
        update_role_route,
        delete_role_route,
        check_permission,
    ],
)
