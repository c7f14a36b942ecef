"""Make sure that it is the account's owner who asks, and not whoever got hold of a session."""

from dataclasses import dataclass, field
from uuid import UUID

from app.accounts.errors import CurrentPasswordWrong
from app.accounts.login import record_failure
from app.accounts.login_limits import count_password_try
from app.accounts.model import User
from app.accounts.services import AccountServices
from app.errors import AuthenticationRequired
from app.http.client import Client
from app.http.limits import RateLimits
from app.http.principal import Principal
from app.ports.conflicts import rerun_on_conflict
from app.sessions.model import LoginOutcome
from app.sessions.recent import require_recent_sign_in


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a signed-in caller brings to show that they own the account."""

    principal: Principal
    current_password: str | None = field(repr=False)
    client: Client


async def prove_owner(services: AccountServices, limits: RateLimits, proof: Proof) -> User:
    """Check the current password, or how fresh the sign-in is where the account has no password.

    A password tried here counts and is recorded like one at the sign-in.

    Returns:
        The account as it was when it was proven; under a lock compare `password_hash` once more, since hashing
        takes a while.

    Raises:
        CurrentPasswordWrong: missing or wrong, though the account has one.
        RecentSignInNeeded: the account has no password, and the session began too long ago.
        TooManyRequests, TemporarilyUnavailable: as for the sign-in.
    """
    user = await _find(services, proof.principal.user_id)
    if user is None:
        raise AuthenticationRequired(invalid=True)
    if user.password_hash is None:
        await require_recent_sign_in(services.sessions, proof.principal)
        return user
    await check_password(services, limits, user, proof.current_password, proof.client)
    return user


async def check_password(
    services: AccountServices, limits: RateLimits, user: User, given: str | None, client: Client
) -> None:
    """Compare the password of a known account; the try counts and is recorded like one at the sign-in.

    Raises:
        CurrentPasswordWrong: missing or wrong, or the account has none.
        TooManyRequests, TemporarilyUnavailable: as for the sign-in.
    """
    await count_password_try(limits, user.email or str(user.id), client)
    if given is None or not await services.passwords.verify(user.password_hash, given):
        await record_failure(services, user, LoginOutcome.WRONG_PASSWORD, client)
        raise CurrentPasswordWrong


@rerun_on_conflict
async def _find(services: AccountServices, user_id: UUID) -> User | None:
    async with services.storage.reading() as tx:
        return await tx.users.get(user_id)
