"""What several routes of this domain share."""

from collections.abc import Awaitable, Callable

from litestar.di import NamedDependency

from app.accounts.email_address import EmailAddress, parse_email
from app.accounts.schemas import AcceptedBody, EmailBody
from app.accounts.services import AccountServices
from app.http.client import Client
from app.http.limits import MAIL_ADDRESS, REGISTER_NETWORK, RateLimits
from app.http.pace import Pace

FromAccounts = NamedDependency[AccountServices]


async def mail_if_allowed(
    send: Callable[[AccountServices, EmailAddress], Awaitable[None]],
    data: EmailBody,
    accounts: AccountServices,
    client: Client,
    limits: RateLimits,
    pace: Pace,
) -> AcceptedBody:
    """Send a mail that somebody asked for, within what one network and one mailbox may ask."""
    await limits.check(REGISTER_NETWORK, client.network)
    email = parse_email(data.email)
    async with pace.even():
        if await limits.hit(MAIL_ADDRESS, email.key):
            await send(accounts, email)
    return AcceptedBody()
