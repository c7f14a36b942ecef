"""What the roles domain asks of the store."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from app.roles.model import Role


class Roles(Protocol):
    """Roles and who holds them."""

    async def all(self) -> Sequence[Role]:
        """Every role, by name."""
        ...

    async def page(self, *, after: str | None, limit: int) -> Sequence[Role]:
        """Roles by name: those that come after one."""
        ...

    async def get(self, name: str) -> Role | None: ...

    async def lock(self, name: str) -> Role | None:
        """Read a role and keep others from changing or locking it until the transaction ends.

        Whoever locks an account too locks that first.
        """
        ...

    async def add(self, role: Role) -> None:
        """Raises: UniqueViolation, when there is one of this name."""
        ...

    async def change(self, role: Role) -> None:
        """Write title and permissions of the role of this name."""
        ...

    async def delete(self, name: str) -> None:
        """Raises: UniqueViolation, when somebody holds it."""
        ...

    async def is_held(self, name: str) -> bool:
        """Whether any account holds the role."""
        ...

    async def of_user(self, user_id: UUID) -> Sequence[Role]:
        """The roles that an account holds, by name."""
        ...

    async def names_of(self, user_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[str]]:
        """The names of the roles of several accounts, in order; who holds none is left out."""
        ...

    async def names_and_version(self, user_id: UUID) -> tuple[tuple[str, ...], int]:
        """The names of an account's roles, in order, and how often they have changed, both of one moment."""
        ...

    async def grant(self, user_id: UUID, role: str) -> bool:
        """Give a role; giving it again changes nothing.

        Returns:
            Whether the account did not have it.

        Raises:
            UniqueViolation: there is no such role.
        """
        ...

    async def revoke(self, user_id: UUID, role: str) -> bool:
        """Take a role away.

        Returns:
            Whether the account had it.
        """
        ...


class RolesTransaction(Protocol):
    """One transaction, seen from this domain."""

    @property
    def roles(self) -> Roles: ...
