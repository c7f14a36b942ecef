"""The own profile: read and change."""

from dataclasses import dataclass
from uuid import UUID

from app.accounts.consents import Document, in_force
from app.accounts.model import User
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.errors import AuthenticationRequired
from app.http.principal import Principal
from app.ports.conflicts import rerun_on_conflict


@dataclass(frozen=True, kw_only=True)
class ProfileView:
    """An account as its owner sees it.

    Attributes:
        roles: those in force now, as are the permissions.
        consents_missing: what has to be agreed to, and has not been in its present version.
    """

    user: User
    roles: tuple[str, ...]
    permissions: tuple[str, ...]
    consents_missing: tuple[Document, ...]


@dataclass(frozen=True, kw_only=True)
class ProfileChange:
    """The new name and language; what the owner left out keeps its value."""

    name: str | None
    locale: str


@rerun_on_conflict
async def get_profile(services: AccountServices, principal: Principal) -> ProfileView:
    """Raises: AuthenticationRequired, when the account is gone though its token still lives."""
    async with services.storage.reading() as tx:
        return await read_profile(services, tx, principal)


async def read_profile(services: AccountServices, tx: AccountsTransaction, principal: Principal) -> ProfileView:
    """Raises: AuthenticationRequired, when the account is gone though its token still lives."""
    user = await tx.users.get(principal.user_id)
    if user is None:
        raise AuthenticationRequired(invalid=True)
    return ProfileView(
        user=user,
        roles=principal.roles,
        permissions=tuple(sorted(principal.permissions)),
        consents_missing=await _find_missing(services, tx, principal.user_id),
    )


async def _find_missing(services: AccountServices, tx: AccountsTransaction, user_id: UUID) -> tuple[Document, ...]:
    if not services.consents.required:
        return ()
    return services.consents.missing(in_force(await tx.consents.of_user(user_id)))


@rerun_on_conflict
async def update_profile(services: AccountServices, user_id: UUID, change: ProfileChange) -> None:
    """Write the changed profile."""
    async with services.storage.transaction() as tx:
        await tx.users.set_profile(user_id, name=change.name, locale=change.locale)
