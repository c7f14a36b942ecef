"""Registration over HTTP."""

from litestar import post
from litestar.params import JSONBody

from app.accounts.consent_schemas import read_documents
from app.accounts.email_address import parse_email
from app.accounts.names import parse_name
from app.accounts.password_policy import check_password
from app.accounts.register import Registration, register
from app.accounts.routes.shared import FromAccounts
from app.accounts.schemas import AcceptedBody, RegisterBody
from app.errors import InvalidInput, TemporarilyUnavailable, TooManyRequests
from app.http.dependencies import FromClient, FromLimits, FromPace
from app.http.limits import MAIL_ADDRESS, REGISTER_NETWORK
from app.http.openapi import body_problems


@post(
    "/register",
    operation_id="register",
    summary="Register with an address and a password",
    tags=["Accounts"],
    status_code=202,
    responses=body_problems(InvalidInput, TooManyRequests, TemporarilyUnavailable),
)
async def register_route(
    data: JSONBody[RegisterBody],
    accounts: FromAccounts,
    client: FromClient,
    limits: FromLimits,
    pace: FromPace,
) -> AcceptedBody:
    """The answer is the same whether or not the address is known.

    A new address gets a mail to confirm it; the owner of a known one is told that the account exists.
    """
    await limits.check(REGISTER_NETWORK, client.network)
    email = parse_email(data.email)
    name = parse_name(data.name) if data.name is not None else None
    check_password(data.password, about=(email.display, name or ""))
    consents = read_documents(data.consents)
    accounts.consents.check_registration(consents)
    async with pace.even():
        if await limits.hit(MAIL_ADDRESS, email.key):
            registration = Registration(
                email=email,
                password=data.password,
                name=name,
                locale=data.locale,
                consents=tuple(consents),
                client=client,
            )
            await register(accounts, registration)
    return AcceptedBody()
