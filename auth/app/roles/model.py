"""Roles: named sets of permissions that an account can hold."""

from dataclasses import dataclass

SUPERUSER = "superuser"
EVERY_PERMISSION = "*"


@dataclass(frozen=True, kw_only=True)
class Role:
    """Attributes:
    name: the stable key, as it stands in tokens.
    permissions: what it allows; `*` stands for everything and belongs to the superuser alone.
    """

    name: str
    title: str
    permissions: tuple[str, ...]
