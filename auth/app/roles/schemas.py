"""Bodies of the role routes."""

from typing import Annotated

import msgspec

from app.errors import InvalidInput
from app.http.paging import PageBody
from app.http.text import parse_line
from app.roles.model import Role, is_permission, is_role_name

MAX_TITLE = 100
MAX_PERMISSIONS = 200

RoleName = Annotated[
    str,
    msgspec.Meta(
        max_length=64,
        description="As it stands in tokens: small Latin letters, digits, `-` and `_`, a letter first.",
        examples=["editor"],
    ),
]
TitleText = Annotated[str, msgspec.Meta(max_length=400, description="For people.", examples=["Редактор каталога"])]
PermissionText = Annotated[str, msgspec.Meta(max_length=64, examples=["films.edit"])]
PermissionList = Annotated[
    list[PermissionText],
    msgspec.Meta(
        max_length=MAX_PERMISSIONS,
        description="Words of small Latin letters, digits, `-` and `_`, joined by dots.",
        examples=[["films.edit", "users.read"]],
    ),
]


class RoleBody(msgspec.Struct, kw_only=True):
    """A role; the superuser's has the single permission `*`, which stands for all."""

    name: str
    title: str
    permissions: list[str]

    @classmethod
    def of(cls, role: Role) -> "RoleBody":
        return cls(name=role.name, title=role.title, permissions=list(role.permissions))


class RolePageBody(PageBody, kw_only=True):
    """Roles by name."""

    items: list[RoleBody]


class CreateRoleBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A new role."""

    name: RoleName
    title: TitleText
    permissions: PermissionList

    def read(self) -> Role:
        """Raises: InvalidInput, for names that are none."""
        if not is_role_name(self.name):
            raise InvalidInput("not a name of a role", pointer="/name")
        return Role(name=self.name, title=read_title(self.title), permissions=read_permissions(self.permissions))


class ChangeRoleBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to change; a member left out keeps its value. `permissions` replaces the whole list."""

    title: TitleText | msgspec.UnsetType = msgspec.UNSET
    permissions: PermissionList | msgspec.UnsetType = msgspec.UNSET


def read_title(text: str) -> str:
    """Raises: InvalidInput, when it is empty, too long or cannot be shown."""
    return parse_line(text, pointer="/title", max_length=MAX_TITLE)


def read_permissions(listed: list[str]) -> tuple[str, ...]:
    """Each once, sorted.

    Raises:
        InvalidInput: one of them is no name of a permission; `*` is none.
    """
    for place, permission in enumerate(listed):
        if not is_permission(permission):
            raise InvalidInput("not a name of a permission", pointer=f"/permissions/{place}")
    return tuple(sorted(set(listed)))
