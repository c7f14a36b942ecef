"""What can go wrong with a role."""

from http import HTTPStatus

from app.errors import AppError


class RoleExists(AppError):
    """There is a role of this name already."""

    code = "role-exists"
    status = HTTPStatus.CONFLICT
    title = "There is a role of this name"
    advice = "Choose another name, or change the role that is there."


class RoleInUse(AppError):
    """The role cannot be deleted while somebody holds it."""

    code = "role-in-use"
    status = HTTPStatus.CONFLICT
    title = "Somebody holds this role"
    advice = "Revoke the role from everybody first."


class RoleFixed(AppError):
    """The superuser's role is as it is: it holds every permission, and cannot be changed or deleted."""

    code = "role-fixed"
    status = HTTPStatus.CONFLICT
    title = "This role cannot be changed"
    advice = "Make another role for what is needed."
