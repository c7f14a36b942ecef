"""What somebody may do: the permissions that this service asks for, and whether they are held."""

from collections.abc import Collection
from enum import StrEnum
from http import HTTPStatus

from app.errors import AppError

EVERY_PERMISSION = "*"
"""Stands for all permissions, those of other services and of the future too; of the superuser alone."""


class Permission(StrEnum):
    """What the routes of this service ask for. Other services ask for their own, such as `films.edit`."""

    USERS_READ = "users.read"
    USERS_WRITE = "users.write"
    ROLES_READ = "roles.read"
    ROLES_WRITE = "roles.write"
    ROLES_GRANT = "roles.grant"


class PermissionDenied(AppError):
    """The caller is known, and does not hold what the request needs.

    Args:
        missing: the permissions that would have to be held besides.
    """

    code = "permission-denied"
    status = HTTPStatus.FORBIDDEN
    title = "This needs a permission that the caller does not have"
    advice = "`permissions` lists what is missing. Somebody who holds it may grant a role that has it."

    def __init__(self, missing: Collection[str]) -> None:
        super().__init__(extra={"permissions": sorted(missing)})


def require_permissions(held: Collection[str], wanted: Collection[str]) -> None:
    """Let through who holds all that is wanted.

    Raises:
        PermissionDenied: something is missing.
    """
    missing = set() if EVERY_PERMISSION in held else {*wanted} - {*held}
    if missing:
        raise PermissionDenied(missing)
