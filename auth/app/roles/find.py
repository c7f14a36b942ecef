"""Look at roles."""

from app.errors import NotFound
from app.http.paging import Page, PageRequest
from app.ports.conflicts import rerun_on_conflict
from app.roles.model import Role, is_role_name
from app.roles.services import RoleServices


@rerun_on_conflict
async def list_roles(services: RoleServices, page: PageRequest) -> Page[Role]:
    """By name. Raises: InvalidInput, for a cursor of another list."""
    after = page.after(read_role_name)
    async with services.storage.reading() as tx:
        found = await tx.roles.page(after=after, limit=page.wanted)
    return page.cut(found, key=lambda role: role.name)


@rerun_on_conflict
async def find_role(services: RoleServices, name: str) -> Role:
    """Raises: NotFound, when there is no such role."""
    async with services.storage.reading() as tx:
        role = await tx.roles.get(name) if is_role_name(name) else None
    if role is None:
        raise NotFound
    return role


def read_role_name(text: str) -> str:
    """Raises: ValueError, for what is none."""
    if not is_role_name(text):
        raise ValueError("not a name of a role")
    return text
