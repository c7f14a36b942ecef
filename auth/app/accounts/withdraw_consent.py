"""Take an agreement back (152-FZ, article 9, part 2)."""

from uuid import UUID

from app.accounts.consents import in_force
from app.accounts.services import AccountServices
from app.errors import AuthenticationRequired, NotFound
from app.ports.conflicts import rerun_on_conflict


@rerun_on_conflict
async def withdraw_consent(services: AccountServices, user_id: UUID, document: str) -> None:
    """End the agreement to a document, whichever version; also to one that registering needs.

    Raises:
        NotFound: there is none in force.
        AuthenticationRequired: the account is gone though its token still lives.
    """
    async with services.storage.transaction() as tx:
        if await tx.users.lock(user_id) is None:
            raise AuthenticationRequired(invalid=True)
        held = {each.name for each in in_force(await tx.consents.of_user(user_id))}
        if document not in held:
            raise NotFound
        await tx.consents.withdraw(user_id, document, at=services.clock.now())
