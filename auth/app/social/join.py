"""Link an identity to an account whose owner has proved to own both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.accounts.email_address import find_email
from app.accounts.names import clean_name
from app.ports.conflicts import rerun_on_conflict
from app.sessions.end import forget_tokens
from app.sessions.model import LoginOutcome, Session
from app.social.asker import Asker, lock_asker
from app.social.errors import IdentityInUse, ProviderLinkedAlready
from app.social.linking import Joining, decide_joining
from app.social.model import Profile, SocialAccount
from app.social.notices import note_change
from app.social.repository import SocialTransaction
from app.social.services import SocialServices
from app.social.unlink import take_off


def new_social_account(social: str, profile: Profile, user_id: UUID, *, at: datetime) -> SocialAccount:
    """A linked account of which nothing but its key is trusted."""
    email = find_email(profile.email) if profile.email else None
    return SocialAccount(
        social=social,
        subject=profile.subject,
        user_id=user_id,
        email=email.display if email else None,
        name=clean_name(profile.name),
        linked_at=at,
        last_used_at=at,
    )


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The identity to link.

    Attributes:
        replace: the owner has agreed that another account of this provider is unlinked for it.
    """

    social: str
    profile: Profile
    replace: bool = False


@dataclass(frozen=True, kw_only=True)
class Joined:
    """The linked account, and the sessions that ended with one that it replaces."""

    account: SocialAccount
    ended: Sequence[Session] = ()


async def join(services: SocialServices, tx: SocialTransaction, asker: Asker, wanted: Wanted) -> Joined:
    """Link a proven identity inside the caller's transaction, which has locked the account; twice is once.

    Raises:
        IdentityInUse, ProviderLinkedAlready: nothing is written then.
        UniqueViolation: somebody else linked the identity at this moment.
    """
    found = await tx.social_accounts.find(wanted.social, wanted.profile.subject)
    others = [each for each in await tx.social_accounts.of_user(asker.user_id) if each.social == wanted.social]
    decision = decide_joining(
        asker.user_id, linked_to=found.user_id if found else None, has_another=bool(others) and not wanted.replace
    )
    if decision is Joining.IN_USE:
        raise IdentityInUse
    if decision is Joining.OCCUPIED:
        raise ProviderLinkedAlready
    if found is not None:
        return Joined(account=found)
    ended = [gone for each in others for gone in await take_off(services, tx, asker, each)]
    account = new_social_account(wanted.social, wanted.profile, asker.user_id, at=services.clock.now())
    await tx.social_accounts.add(account)
    await note_change(services, tx, asker, wanted.social, LoginOutcome.SOCIAL_LINKED)
    return Joined(account=account, ended=ended)


@rerun_on_conflict
async def check_asker(services: SocialServices, asker: Asker) -> None:
    """See whether the session still stands, before anything is used up for it.

    Raises:
        AuthenticationRequired: it does not.
    """
    async with services.storage.transaction() as tx:
        await lock_asker(tx, asker, at=services.clock.now())


@rerun_on_conflict  # of two accounts that link one identity at once, the second finds it linked
async def link(services: SocialServices, asker: Asker, wanted: Wanted) -> SocialAccount:
    """Link a proven identity to the account of somebody who is signed in.

    Raises:
        AuthenticationRequired: the session has ended meanwhile.
        IdentityInUse, ProviderLinkedAlready: as for `join`.
    """
    async with services.storage.transaction() as tx:
        await lock_asker(tx, asker, at=services.clock.now())
        joined = await join(services, tx, asker, wanted)
    await forget_tokens(services.sessions, joined.ended)
    return joined.account
