"""Look an account up by its address, for work that is done outside of a transaction."""

from app.accounts.email_address import EmailAddress
from app.accounts.model import User
from app.accounts.services import AccountServices
from app.ports.conflicts import rerun_on_conflict


@rerun_on_conflict
async def find_account(services: AccountServices, email: EmailAddress | None) -> User | None:
    """The account as it is at this moment; before it is changed it has to be read again under its lock.

    Args:
        email: `None`, for what is no address at all, costs as much and finds nobody.
    """
    async with services.storage.reading() as tx:
        return await tx.users.find_by_email(email) if email else None
