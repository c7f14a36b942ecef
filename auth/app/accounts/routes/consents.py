"""The own consents over HTTP."""

from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody

from app.accounts.consent_schemas import ConsentsBody, GiveConsentBody, read_documents
from app.accounts.give_consent import give_consent
from app.accounts.list_consents import list_consents
from app.accounts.routes.shared import FromAccounts
from app.accounts.withdraw_consent import withdraw_consent
from app.errors import AuthenticationRequired, InvalidInput, NotFound, TemporarilyUnavailable, TooManyRequests
from app.http.dependencies import FromClient, FromLimits, FromPrincipal
from app.http.limits import CONSENT_ACCOUNT
from app.http.openapi import BEARER, body_problems, principal_problems, query_problems
from app.sessions.schemas import NO_STORE


@get(
    "/me/consents",
    operation_id="list_consents",
    summary="What the caller has agreed to",
    tags=["Accounts"],
    security=BEARER,
    responses=principal_problems(),
)
async def list_consents_route(principal: FromPrincipal, accounts: FromAccounts) -> Response[ConsentsBody]:
    """The oldest first, with what was taken back; `missing` is what the front end has to ask for."""
    found = await list_consents(accounts, principal.user_id)
    return Response(ConsentsBody.of(found, accounts.consents), headers=NO_STORE)


@post(
    "/me/consents",
    operation_id="give_consent",
    summary="Agree to documents",
    tags=["Accounts"],
    status_code=200,
    security=BEARER,
    responses=body_problems(AuthenticationRequired, InvalidInput, TooManyRequests, TemporarilyUnavailable),
)
async def give_consent_route(
    data: JSONBody[GiveConsentBody],
    principal: FromPrincipal,
    accounts: FromAccounts,
    client: FromClient,
    limits: FromLimits,
) -> Response[ConsentsBody]:
    """Send it when the person has agreed, never by itself. Agreeing again changes nothing."""
    await limits.check(CONSENT_ACCOUNT, str(principal.user_id))
    found = await give_consent(accounts, principal.user_id, read_documents(data.consents), client)
    return Response(ConsentsBody.of(found, accounts.consents), headers=NO_STORE)


@delete(
    "/me/consents/{document:str}",
    operation_id="withdraw_consent",
    summary="Take an agreement back",
    tags=["Accounts"],
    status_code=204,
    security=BEARER,
    responses=query_problems(AuthenticationRequired, NotFound, TemporarilyUnavailable),
)
async def withdraw_consent_route(document: FromPath[str], principal: FromPrincipal, accounts: FromAccounts) -> None:
    """Whichever version it is of. The record stays, with the moment of its end."""
    await withdraw_consent(accounts, principal.user_id, document)
