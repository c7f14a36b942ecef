"""Block an account, unblock it, or sign its owner out everywhere."""

from collections.abc import Sequence
from uuid import UUID

from app.accounts.authority import Authority, lock_both, note_act
from app.accounts.errors import OwnAccount
from app.accounts.find_users import UserView, view_user
from app.accounts.model import PENDING
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.http.permissions import Permission
from app.http.principal import Principal
from app.ports.conflicts import rerun_on_conflict
from app.sessions.end import end_all, forget_tokens
from app.sessions.model import EndReason, LoginOutcome, Session


async def block(services: AccountServices, principal: Principal, user_id: UUID) -> UserView:
    """Put somebody out at once, on all devices and on all ways back in. Blocking again makes sure of it.

    Mailed links that begin something are worthless from now on; those that take an account back are refused until
    it is unblocked. A superuser is blocked by another one only, who stays one while both accounts are locked:
    so the last one never is.

    Raises:
        NotFound: there is no such account.
        PermissionDenied: the caller may not write accounts, or the account holds more than the caller.
        OwnAccount: it is the caller's.
        TemporarilyUnavailable: tokens that are out may still work; block again.
    """
    view, ended = await _block(services, principal, user_id)
    await forget_tokens(services.sessions, ended)
    return view


@rerun_on_conflict
async def _block(services: AccountServices, principal: Principal, user_id: UUID) -> tuple[UserView, Sequence[Session]]:
    now = services.clock.now()
    async with services.storage.transaction() as tx:
        authority = await _authority(tx, principal, user_id)
        if authority.user.blocked_at is None:
            await tx.users.set_blocked(user_id, at=now)
            await note_act(services, tx, user_id, LoginOutcome.BLOCKED, by=principal)
        await tx.mail_tokens.drop(user_id, *PENDING)
        _, told = await end_all(tx, user_id, at=now, reason=EndReason.ACCOUNT_BLOCKED)
        return await view_user(tx, user_id), told


@rerun_on_conflict
async def unblock(services: AccountServices, principal: Principal, user_id: UUID) -> UserView:
    """Let somebody sign in again. Raises: as for `block`."""
    async with services.storage.transaction() as tx:
        authority = await _authority(tx, principal, user_id)
        if authority.user.blocked_at is not None:
            await tx.users.set_blocked(user_id, at=None)
            await note_act(services, tx, user_id, LoginOutcome.UNBLOCKED, by=principal)
        return await view_user(tx, user_id)


async def logout_user(services: AccountServices, principal: Principal, user_id: UUID) -> None:
    """End every session of somebody; they may sign in again.

    Raises:
        NotFound, PermissionDenied, TemporarilyUnavailable: as for `block`.
    """
    await forget_tokens(services.sessions, await _logout(services, principal, user_id))


@rerun_on_conflict
async def _logout(services: AccountServices, principal: Principal, user_id: UUID) -> Sequence[Session]:
    now = services.clock.now()
    async with services.storage.transaction() as tx:
        authority = await lock_both(tx, principal, user_id, Permission.USERS_WRITE)
        authority.require_no_less()
        ended, told = await end_all(tx, user_id, at=now, reason=EndReason.ENDED_BY_ADMINISTRATOR)
        if ended:
            await note_act(services, tx, user_id, LoginOutcome.LOGGED_OUT_EVERYWHERE, by=principal)
        return told


async def _authority(tx: AccountsTransaction, principal: Principal, user_id: UUID) -> Authority:
    authority = await lock_both(tx, principal, user_id, Permission.USERS_WRITE)
    if user_id == principal.user_id:
        raise OwnAccount
    authority.require_no_less()
    return authority
