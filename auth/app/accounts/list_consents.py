"""What an account has agreed to."""

from collections.abc import Sequence
from uuid import UUID

from app.accounts.consents import Consent
from app.accounts.services import AccountServices
from app.ports.conflicts import rerun_on_conflict


@rerun_on_conflict
async def list_consents(services: AccountServices, user_id: UUID) -> Sequence[Consent]:
    """The oldest first, with what was taken back."""
    async with services.storage.reading() as tx:
        return await tx.consents.of_user(user_id)
