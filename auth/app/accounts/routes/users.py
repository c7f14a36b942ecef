"""Other people's accounts over HTTP, for those who administer."""

from typing import Annotated

from litestar import get, patch, post
from litestar.params import JSONBody, QueryParameter
from msgspec import UNSET

from app.accounts.block import block, logout_user, unblock
from app.accounts.errors import OwnAccount
from app.accounts.find_users import get_user, list_user_logins, list_users, read_search
from app.accounts.routes.shared import FromAccounts
from app.accounts.user_schemas import UpdateUserBody, UserBody, UserLoginBody, UserLoginPageBody, UserPageBody
from app.errors import InvalidInput, NotFound
from app.http.dependencies import FromPrincipal
from app.http.ids import IdPath, read_id
from app.http.openapi import needs, permission_problems
from app.http.paging import FromPage
from app.http.permissions import Permission

MAX_SEARCH = 254
SearchQuery = Annotated[
    str,
    QueryParameter(name="q", max_length=MAX_SEARCH, description="An id, or what the address or the name begins with."),
]


@get(
    "/users",
    operation_id="list_users",
    summary="The accounts",
    tags=["Administration"],
    security=needs(Permission.USERS_READ),
    responses=permission_problems(InvalidInput),
)
async def list_users_route(
    principal: FromPrincipal, accounts: FromAccounts, page: FromPage, q: SearchQuery = ""
) -> UserPageBody:
    """The newest first; all of them, or those that are searched for. Needs `users.read`."""
    found = await list_users(accounts, read_search(q), page)
    return UserPageBody(items=[UserBody.of(each) for each in found.items], next_cursor=found.next_cursor)


@get(
    "/users/{user_id:str}",
    operation_id="get_user",
    summary="One account",
    tags=["Administration"],
    security=needs(Permission.USERS_READ),
    responses=permission_problems(NotFound),
)
async def get_user_route(user_id: IdPath, principal: FromPrincipal, accounts: FromAccounts) -> UserBody:
    """With the names of its roles. Needs `users.read`."""
    return UserBody.of(await get_user(accounts, read_id(user_id)))


@patch(
    "/users/{user_id:str}",
    operation_id="update_user",
    summary="Block or unblock an account",
    tags=["Administration"],
    security=needs(Permission.USERS_WRITE),
    responses=permission_problems(NotFound, OwnAccount),
)
async def update_user_route(
    user_id: IdPath, data: JSONBody[UpdateUserBody], principal: FromPrincipal, accounts: FromAccounts
) -> UserBody:
    """Needs `users.write`, and every permission that the account holds. Nobody blocks themselves.

    Blocking ends every session at once, and closes every way back in.
    """
    found = read_id(user_id)
    if data.blocked is UNSET:
        return UserBody.of(await get_user(accounts, found))
    change = block if data.blocked else unblock
    return UserBody.of(await change(accounts, principal, found))


@get(
    "/users/{user_id:str}/logins",
    operation_id="list_user_logins",
    summary="The login history of an account",
    tags=["Administration"],
    security=needs(Permission.USERS_READ),
    responses=permission_problems(InvalidInput, NotFound),
)
async def list_user_logins_route(
    user_id: IdPath, principal: FromPrincipal, accounts: FromAccounts, page: FromPage
) -> UserLoginPageBody:
    """Newest first, with what administrators have done and who it was. Needs `users.read`."""
    found = await list_user_logins(accounts, read_id(user_id), page)
    items = [UserLoginBody.told_to_administrators(each) for each in found.items]
    return UserLoginPageBody(items=items, next_cursor=found.next_cursor)


@post(
    "/users/{user_id:str}/logout",
    operation_id="logout_user",
    summary="End every session of an account",
    tags=["Administration"],
    status_code=204,
    security=needs(Permission.USERS_WRITE),
    responses=permission_problems(NotFound),
)
async def logout_user_route(user_id: IdPath, principal: FromPrincipal, accounts: FromAccounts) -> None:
    """Needs `users.write`, and every permission that the account holds. Its owner may sign in again."""
    await logout_user(accounts, principal, read_id(user_id))
