"""What the actions of this domain work with."""

from dataclasses import dataclass

from app.ports.storage import Storage
from app.roles.catalogue import RoleCatalogue
from app.roles.repository import RolesTransaction


@dataclass(frozen=True, kw_only=True)
class RoleServices:
    """Made once by `bootstrap`; shared by every request."""

    storage: Storage[RolesTransaction]
    catalogue: RoleCatalogue
