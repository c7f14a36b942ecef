"""Roles: named sets of permissions that an account can hold."""

import re
from dataclasses import dataclass

from app.http.permissions import EVERY_PERMISSION

SUPERUSER = "superuser"

_ROLE = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_PERMISSION = re.compile(r"(?=.{3,64}\Z)[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+")


@dataclass(frozen=True, kw_only=True)
class Role:
    """Attributes:
    name: the stable key, as it stands in tokens.
    permissions: what it allows; `*` stands for everything and belongs to the superuser alone.
    """

    name: str
    title: str
    permissions: tuple[str, ...]

    @property
    def is_fixed(self) -> bool:
        """Whether nobody may change or delete it, not even who holds it."""
        return self.name == SUPERUSER or EVERY_PERMISSION in self.permissions


def is_role_name(text: str) -> bool:
    """Whether a role may be called so: `editor`, `night-shift`."""
    return _ROLE.fullmatch(text) is not None


def is_permission(text: str) -> bool:
    """Whether a permission may be called so: words joined by dots, `films.edit`. `*` is none."""
    return _PERMISSION.fullmatch(text) is not None
