"""The own profile over HTTP."""

from litestar import Response, get, patch
from litestar.params import JSONBody
from msgspec import UNSET

from app.accounts.names import parse_name
from app.accounts.profile import ProfileChange, get_profile, update_profile
from app.accounts.routes.shared import FromAccounts
from app.accounts.schemas import MeBody, UpdateMeBody
from app.errors import AuthenticationRequired, InvalidInput, TemporarilyUnavailable
from app.http.dependencies import FromPrincipal
from app.http.openapi import BEARER, body_problems, principal_problems
from app.sessions.schemas import NO_STORE


@get(
    "/me",
    operation_id="get_me",
    summary="The own profile",
    tags=["Accounts"],
    security=BEARER,
    responses=principal_problems(),
)
async def get_me(principal: FromPrincipal, accounts: FromAccounts) -> Response[MeBody]:
    """The account behind the access token, with the roles and permissions in force now."""
    return Response(MeBody.of(await get_profile(accounts, principal)), headers=NO_STORE)


@patch(
    "/me",
    operation_id="update_me",
    summary="Change name or language",
    tags=["Accounts"],
    security=BEARER,
    responses=body_problems(AuthenticationRequired, InvalidInput, TemporarilyUnavailable),
)
async def update_me(data: JSONBody[UpdateMeBody], principal: FromPrincipal, accounts: FromAccounts) -> Response[MeBody]:
    """A member left out keeps its value; `"name": null` removes the name."""
    user = (await get_profile(accounts, principal)).user
    name = user.name if data.name is UNSET else data.name
    if isinstance(data.name, str):
        name = parse_name(data.name)
    locale = user.locale if data.locale is UNSET else data.locale
    await update_profile(accounts, principal.user_id, ProfileChange(name=name, locale=locale))
    return Response(MeBody.of(await get_profile(accounts, principal)), headers=NO_STORE)
