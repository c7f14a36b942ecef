"""Look people up: for those who administer."""

import unicodedata
from dataclasses import dataclass
from uuid import UUID

from app.accounts.email_address import find_email
from app.accounts.model import User, UserFilter
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.errors import NotFound
from app.http.paging import Page, PageRequest
from app.ports.conflicts import rerun_on_conflict
from app.sessions.model import LoginEvent


@dataclass(frozen=True, kw_only=True)
class UserView:
    """An account as those who administer see it."""

    user: User
    roles: tuple[str, ...]


@rerun_on_conflict
async def list_users(services: AccountServices, wanted: UserFilter, page: PageRequest) -> Page[UserView]:
    """The newest accounts first.

    Raises:
        InvalidInput: the cursor is of another list.
    """
    before = page.after(UUID)
    async with services.storage.reading() as tx:
        users = await tx.users.page(wanted, before=before, limit=page.wanted)
        roles = await tx.roles.names_of([user.id for user in users])
    found = [UserView(user=user, roles=tuple(roles.get(user.id, ()))) for user in users]
    return page.cut(found, key=lambda view: view.user.id)


@rerun_on_conflict
async def get_user(services: AccountServices, user_id: UUID) -> UserView:
    """Raises: NotFound, when there is no such account."""
    async with services.storage.reading() as tx:
        return await view_user(tx, user_id)


async def view_user(tx: AccountsTransaction, user_id: UUID) -> UserView:
    """Raises: NotFound, when there is no such account."""
    user = await tx.users.get(user_id)
    if user is None:
        raise NotFound
    return UserView(user=user, roles=tuple(role.name for role in await tx.roles.of_user(user_id)))


@rerun_on_conflict
async def list_user_logins(services: AccountServices, user_id: UUID, page: PageRequest) -> Page[LoginEvent]:
    """The login history of an account, newest first.

    Raises:
        NotFound: there is no such account.
        InvalidInput: the cursor is of another list.
    """
    before = page.after(UUID)
    async with services.storage.reading() as tx:
        if await tx.users.get(user_id) is None:
            raise NotFound
        found = await tx.history.of_user(user_id, limit=page.wanted, before=before)
    return page.cut(found, key=lambda event: event.id)


def read_search(text: str) -> UserFilter:
    """What somebody who searches may mean: an id, or what an address or a name begins with."""
    text = unicodedata.normalize("NFC", text).strip()
    if not text:
        return UserFilter()
    try:
        return UserFilter(user_id=UUID(text))
    except ValueError:
        email = find_email(text)
        return UserFilter(email_prefix=email.key if email else text.lower(), name_prefix=text)
