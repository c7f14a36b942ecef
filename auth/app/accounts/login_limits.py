"""How often a password may be tried, wherever it is typed: all places count together."""

from app.accounts.email_address import find_email
from app.http.client import Client
from app.http.limits import LOGIN_ACCOUNT, LOGIN_ACCOUNT_NETWORK, LOGIN_NETWORK, RateLimits


async def count_password_try(limits: RateLimits, typed_address: str, client: Client) -> None:
    """Count one try; before the password is looked at.

    Args:
        typed_address: of the account; what is no address at all counts as itself.

    Raises:
        TooManyRequests: this network, or everybody at this account, has tried too often.
    """
    email = find_email(typed_address)
    account = email.key if email else typed_address.casefold()
    await limits.check(LOGIN_NETWORK, client.network)
    await limits.check(LOGIN_ACCOUNT_NETWORK, account, client.network)
    await limits.check(LOGIN_ACCOUNT, account)
