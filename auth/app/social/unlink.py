"""Unlink an account at a provider, unless nobody could sign in afterwards."""

from collections.abc import Sequence

from app.accounts.model import User
from app.errors import NotFound
from app.ports.conflicts import rerun_on_conflict
from app.sessions.end import forget_tokens
from app.sessions.model import EndReason, LoginOutcome, Session, SignInMethod
from app.social.asker import Asker, lock_asker
from app.social.errors import LastSignInMethod
from app.social.model import SocialAccount
from app.social.notices import note_change
from app.social.repository import SocialTransaction
from app.social.services import SocialServices
from app.social.ways_in import WaysIn, could_still_sign_in, steps_to_another_way


async def unlink(services: SocialServices, asker: Asker, social: str) -> None:
    """Unlink; the other sessions that were opened through that network end.

    The session that asks stays, as it does when a password or an address is changed.

    Args:
        asker: has signed in of late.

    Raises:
        NotFound: the account is not linked with that network.
        LastSignInMethod: its owner could not sign in any more.
        AuthenticationRequired: the session has ended meanwhile.
    """
    await forget_tokens(services.sessions, await _unlink(services, asker, social))


@rerun_on_conflict
async def _unlink(services: SocialServices, asker: Asker, social: str) -> Sequence[Session]:
    async with services.storage.transaction() as tx:
        user = await lock_asker(tx, asker, at=services.clock.now())  # of two at once, the second sees what is left
        linked = await tx.social_accounts.of_user(user.id)
        leaving = next((each for each in linked if each.social == social), None)
        if leaving is None:
            raise NotFound
        _check_rest(services, user, [each for each in linked if each is not leaving], leaving)
        return await take_off(services, tx, asker, leaving)


async def take_off(
    services: SocialServices, tx: SocialTransaction, asker: Asker, leaving: SocialAccount
) -> Sequence[Session]:
    """Remove a linked account with its sessions, and tell the owner.

    Returns:
        The sessions that ended, whose tokens are to be forgotten after the transaction.
    """
    await tx.social_accounts.remove(leaving.social, leaving.subject)
    await note_change(services, tx, asker, leaving.social, LoginOutcome.SOCIAL_UNLINKED)
    return await _end_sessions(services, tx, asker, leaving.social)


def _check_rest(services: SocialServices, user: User, rest: Sequence[SocialAccount], leaving: SocialAccount) -> None:
    ways = WaysIn(
        has_email=user.email is not None,
        email_confirmed=user.email_confirmed_at is not None,
        has_password=user.password_hash is not None,
        networks=frozenset(each.social for each in rest),
    )
    offered = {offer.provider.social for offer in services.catalogue}
    if not could_still_sign_in(ways, offered=offered):
        raise LastSignInMethod(steps_to_another_way(ways, offered=offered - {leaving.social}))


async def _end_sessions(
    services: SocialServices, tx: SocialTransaction, asker: Asker, social: str
) -> Sequence[Session]:
    """Whoever holds the social account that was lost or sold may hold these sessions as well."""
    now = services.clock.now()
    ending = [
        each
        for each in await tx.sessions.open_of(asker.user_id, at=now)
        if each.method is SignInMethod.SOCIAL and each.social == social and each.id != asker.session_id
    ]
    await tx.sessions.end([each.id for each in ending], at=now, reason=EndReason.SOCIAL_UNLINKED)
    return ending
