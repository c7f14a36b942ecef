"""Agree to documents while signed in."""

from collections.abc import Sequence
from uuid import UUID

from uuid_utils.compat import uuid7

from app.accounts.consents import Consent, Document, in_force
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.errors import AuthenticationRequired
from app.http.client import Client
from app.ports.conflicts import rerun_on_conflict


async def give_consent(
    services: AccountServices, user_id: UUID, documents: Sequence[Document], client: Client
) -> Sequence[Consent]:
    """Record what was not recorded yet; agreeing again changes nothing.

    Returns:
        Everything that the account has agreed to, also what was taken back.

    Raises:
        InvalidInput: a document that there is not, or not its present version.
        AuthenticationRequired: the account is gone though its token still lives.
    """
    services.consents.check_known(documents)
    return await _write(services, user_id, documents, client)


@rerun_on_conflict
async def _write(
    services: AccountServices, user_id: UUID, documents: Sequence[Document], client: Client
) -> Sequence[Consent]:
    async with services.storage.transaction() as tx:
        if await tx.users.lock(user_id) is None:
            raise AuthenticationRequired(invalid=True)
        held = in_force(await tx.consents.of_user(user_id))
        await record_consents(services, tx, user_id, [each for each in documents if each not in held], client)
        return await tx.consents.of_user(user_id)


async def record_consents(
    services: AccountServices, tx: AccountsTransaction, user_id: UUID, documents: Sequence[Document], client: Client
) -> None:
    """Write new agreements into the caller's transaction."""
    now = services.clock.now()
    for each in documents:
        consent = Consent(
            id=uuid7(), user_id=user_id, document=each.name, version=each.version, given_at=now, client=client
        )
        await tx.consents.add(consent)
