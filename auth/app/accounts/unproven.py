"""An account whose address nobody has proved gives way to whoever proves it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.accounts.repository import AccountsTransaction
from app.sessions.model import EndReason, Session


async def remove_unproven(tx: AccountsTransaction, user_id: UUID, *, at: datetime) -> Sequence[Session]:
    """Remove the account with all that was prepared in it; the caller has locked it and found it unconfirmed.

    Returns:
        The sessions that ended, whose tokens are to be forgotten after the transaction.
    """
    ending = await tx.sessions.open_of(user_id, at=at)
    await tx.sessions.end([each.id for each in ending], at=at, reason=EndReason.ADDRESS_CLAIMED)
    await tx.users.delete(user_id)
    return ending
