"""What the roles domain asks of the store."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from app.roles.model import Role


class Roles(Protocol):
    """Roles and who holds them."""

    async def of_user(self, user_id: UUID) -> Sequence[Role]:
        """The roles that an account holds, by name."""
        ...

    async def version_of_user(self, user_id: UUID) -> int:
        """How often the account's roles have changed. Read it before the roles: then it is never ahead of them."""
        ...

    async def grant(self, user_id: UUID, role: str) -> None:
        """Give a role; giving it again changes nothing."""
        ...


class RolesTransaction(Protocol):
    """One transaction, seen from this domain."""

    @property
    def roles(self) -> Roles: ...
