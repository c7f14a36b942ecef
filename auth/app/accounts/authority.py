"""Somebody acts on an account by their permissions: judged under the locks of both accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from uuid_utils.compat import uuid7

from app.accounts.model import User
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.errors import AuthenticationRequired, NotFound
from app.http.client import Client
from app.http.permissions import Permission, require_permissions
from app.http.principal import Principal
from app.roles.model import Role
from app.sessions.model import LoginEvent, LoginOutcome, SignInMethod

UNTOLD = Client(address="", user_agent="")  # where administrators sit is none of the account's business


@dataclass(frozen=True, kw_only=True)
class Authority:
    """Both sides as they are under the locks.

    Attributes:
        held: the permissions of the one who acts.
        user: the account that is acted on.
        roles: what that account holds.
    """

    held: frozenset[str]
    user: User
    roles: Sequence[Role]

    def require(self, permissions: Sequence[str]) -> None:
        """Raises: PermissionDenied, when the one who acts lacks one of these."""
        require_permissions(self.held, permissions)

    def require_no_less(self) -> None:
        """Raises: PermissionDenied, when the account holds more than the one who acts on it."""
        require_permissions(self.held, permissions_of(self.roles))


async def lock_both(tx: AccountsTransaction, principal: Principal, user_id: UUID, needed: Permission) -> Authority:
    """Lock the account and the one of the caller, and make sure that the caller may act, by what is stored now.

    Of two who take each other's rights at once, the second has none any more.

    Raises:
        AuthenticationRequired: the caller's account is blocked or gone.
        PermissionDenied: the caller does not hold what is needed.
        NotFound: there is no such account.
    """
    locked = {each: await tx.users.lock(each) for each in sorted({principal.user_id, user_id})}
    actor, user = locked[principal.user_id], locked[user_id]
    if actor is None or actor.blocked_at is not None:
        raise AuthenticationRequired(invalid=True)
    held = permissions_of(await tx.roles.of_user(principal.user_id))
    require_permissions(held, [needed])
    if user is None:
        raise NotFound
    return Authority(held=held, user=user, roles=await tx.roles.of_user(user_id))


def permissions_of(roles: Sequence[Role]) -> frozenset[str]:
    """All that the roles allow together."""
    return frozenset(permission for role in roles for permission in role.permissions)


async def note_act(
    services: AccountServices,
    tx: AccountsTransaction,
    user_id: UUID,
    outcome: LoginOutcome,
    *,
    by: Principal | None,
    role: str | None = None,
) -> None:
    """Write what was done into the login history of the account that it was done to.

    Args:
        by: absent for the command line.
    """
    event = LoginEvent(
        id=uuid7(),
        at=services.clock.now(),
        user_id=user_id,
        outcome=outcome,
        method=SignInMethod.ADMINISTRATION,
        social=None,
        client=UNTOLD,
        actor_id=by.user_id if by else None,
        role=role,
    )
    await tx.history.add(event)
