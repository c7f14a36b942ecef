"""What each role allows, at hand: a check of permissions costs no look at the database."""

from collections.abc import Collection, Mapping

from app.ports.clock import Clock
from app.ports.conflicts import rerun_on_conflict
from app.ports.fresh import Fresh
from app.ports.storage import Storage
from app.roles.repository import RolesTransaction

NOTHING: frozenset[str] = frozenset()


class RoleCatalogue:
    """The roles as the store had them at most a second ago, and as this process has changed them at once."""

    def __init__(self, storage: Storage[RolesTransaction], clock: Clock) -> None:
        self._storage = storage
        self._fresh = Fresh(self._load, clock)

    async def permissions_of(self, roles: Collection[str]) -> frozenset[str]:
        """All that the named roles allow together; a role that is not there any more allows nothing.

        Raises:
            TemporarilyUnavailable: what the roles allow cannot be read, so nothing is allowed.
        """
        if not roles:  # nearly every viewer
            return NOTHING
        known = await self._fresh.get()
        return NOTHING.union(*(known.get(name, NOTHING) for name in roles))

    def forget(self) -> None:
        """A role has been changed here: look again before the next check."""
        self._fresh.forget()

    @rerun_on_conflict
    async def _load(self) -> Mapping[str, frozenset[str]]:
        async with self._storage.reading() as tx:
            return {role.name: frozenset(role.permissions) for role in await tx.roles.all()}
