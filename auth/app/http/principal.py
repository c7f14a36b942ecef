"""Who is asking: the bearer of a valid access token of a living session."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.di import NamedDependency

from app.errors import AuthenticationRequired
from app.http.permissions import require_permissions

_BEARER = re.compile(r"(?i:bearer) +([A-Za-z0-9._~+/-]+=*)")  # RFC 6750, section 2.1


@dataclass(frozen=True, kw_only=True)
class Principal:
    """The account and session behind a request.

    Attributes:
        roles: those in force now, not those in the token.
        permissions: what the roles allow; asked for with `require_permissions`.
    """

    user_id: UUID
    session_id: UUID
    roles: tuple[str, ...]
    permissions: frozenset[str] = frozenset()


Authenticate = Callable[[str], Awaitable[Principal]]
"""Turns an access token into a principal, or raises `AuthenticationRequired`."""


def bearer_token(request: Request[Any, Any, Any]) -> str:
    """The token of the `Authorization` header; the query is never looked at (RFC 6750, section 5.3).

    Raises:
        AuthenticationRequired: no such header, more than one, or another scheme.
    """
    values = request.headers.getall("authorization", [])
    if not values:
        raise AuthenticationRequired
    match = _BEARER.fullmatch(values[0]) if len(values) == 1 else None
    if match is None:
        raise AuthenticationRequired(invalid=True)
    return match[1]


async def provide_principal(request: Request[Any, Any, Any], authenticate: NamedDependency[Authenticate]) -> Principal:
    """The dependency `principal` of every route that needs a signed-in caller.

    Raises:
        AuthenticationRequired: nobody is signed in.
        PermissionDenied: the route's `security` lists a permission (`openapi.needs`) that the caller does not hold.
    """
    principal = await authenticate(bearer_token(request))
    for requirement in request.route_handler.security or ():
        for permissions in requirement.values():
            require_permissions(principal.permissions, permissions)
    return principal
