"""Somebody who holds every permission and can sign in stays, whatever is done."""

from uuid import UUID

from app.accounts.errors import LastSuperuser
from app.accounts.repository import AccountsTransaction
from app.roles.model import SUPERUSER


async def keep_a_superuser(tx: AccountsTransaction, user_id: UUID) -> None:
    """Call under the account's lock, before it is removed or loses the superuser's role.

    Of many at once, each waits here for the one before, and sees what is left after it.

    Raises:
        LastSuperuser: nobody else could do what this account can.
    """
    if all(role.name != SUPERUSER for role in await tx.roles.of_user(user_id)):
        return
    await tx.roles.lock(SUPERUSER)
    if not await tx.users.is_role_held_besides(user_id, SUPERUSER):
        raise LastSuperuser
