"""Look at what somebody holds."""

from uuid import UUID

from app.accounts.services import AccountServices
from app.errors import NotFound
from app.http.paging import Page, PageRequest
from app.ports.conflicts import rerun_on_conflict
from app.roles.find import read_role_name
from app.roles.model import Role


@rerun_on_conflict
async def list_user_roles(services: AccountServices, user_id: UUID, page: PageRequest) -> Page[Role]:
    """The roles of an account by name.

    Raises:
        NotFound: there is no such account.
        InvalidInput: the cursor is of another list.
    """
    after = page.after(read_role_name) or ""
    async with services.storage.reading() as tx:
        if await tx.users.get(user_id) is None:
            raise NotFound
        roles = await tx.roles.of_user(user_id)
    found = sorted((role for role in roles if role.name > after), key=lambda role: role.name)
    return page.cut(found[: page.wanted], key=lambda role: role.name)
