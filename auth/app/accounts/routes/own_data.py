"""The own data over HTTP: all of it to take along, or to have erased."""

from typing import Any

from litestar import Request, Response, delete, get

from app.accounts.delete_me import delete_me
from app.accounts.errors import LastSuperuser
from app.accounts.export_me import export_me
from app.accounts.export_page import render_export
from app.accounts.routes.shared import FromAccounts
from app.accounts.schemas import ExportBody
from app.errors import TooManyRequests
from app.http.dependencies import FromLimits, FromPrincipal
from app.http.limits import EXPORT_ACCOUNT
from app.http.openapi import BEARER, principal_problems
from app.http.pages import html_page
from app.sessions.errors import RecentSignInNeeded
from app.sessions.schemas import NO_STORE


@get(
    "/me/export",
    operation_id="export_me",
    summary="Everything that is stored about the caller",
    tags=["Accounts"],
    security=BEARER,
    responses=principal_problems(TooManyRequests),
)
async def export_me_route(
    request: Request[Any, Any, Any], principal: FromPrincipal, accounts: FromAccounts, limits: FromLimits
) -> Response[ExportBody]:
    """Profile, linked accounts, consents, sessions and the whole login history, as one JSON document to keep.

    With `Accept: text/html` it is a page for reading, in the language of the account, that needs nothing else.
    """
    await limits.check(EXPORT_ACCOUNT, str(principal.user_id))
    export = ExportBody.of(await export_me(accounts, principal))
    if "text/html" in request.headers.get("accept", ""):
        page: Response[Any] = html_page(render_export(export))
        return _as_file(page, export, "html")
    return _as_file(Response(export, headers=NO_STORE), export, "json")


def _as_file(answer: Response[ExportBody], export: ExportBody, ending: str) -> Response[ExportBody]:
    name = f"account-{export.exported_at:%Y-%m-%d}.{ending}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@delete(
    "/me",
    operation_id="delete_me",
    summary="Erase the own account",
    tags=["Accounts"],
    status_code=204,
    security=BEARER,
    responses=principal_problems(RecentSignInNeeded, LastSuperuser),
)
async def delete_me_route(principal: FromPrincipal, accounts: FromAccounts) -> None:
    """Needs a sign-in within the last ten minutes. Cannot be undone: ask the person before."""
    await delete_me(accounts, principal)
