"""An account's roles: read with their version, and put in force for the sessions that are open."""

from dataclasses import dataclass
from uuid import UUID

from app.sessions.repository import SessionsTransaction
from app.sessions.services import SessionServices


@dataclass(frozen=True, kw_only=True)
class HeldRoles:
    """What an account held at one moment. Attributes: version: of two, the greater is the newer."""

    user_id: UUID
    names: tuple[str, ...]
    version: int


async def read_roles(tx: SessionsTransaction, user_id: UUID) -> HeldRoles:
    """Read them in the caller's transaction."""
    names, version = await tx.roles.names_and_version(user_id)
    return HeldRoles(user_id=user_id, names=names, version=version)


async def put_in_force(services: SessionServices, held: HeldRoles) -> None:
    """Let changed roles count from the next request on; call after the transaction.

    Raises:
        TemporarilyUnavailable: the token store is away. Repeating the change puts it in force.
    """
    await services.tokens.set_roles(held.user_id, held.names, version=held.version)
