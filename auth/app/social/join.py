"""Link an identity to an account whose owner has proved to own both."""

from datetime import datetime
from uuid import UUID

from app.accounts.email_address import find_email
from app.accounts.names import clean_name
from app.ports.conflicts import rerun_on_conflict
from app.sessions.model import LoginOutcome
from app.social.asker import Asker, lock_asker
from app.social.errors import IdentityInUse, ProviderLinkedAlready
from app.social.linking import Joining, decide_joining
from app.social.model import Profile, SocialAccount
from app.social.notices import note_change
from app.social.repository import SocialTransaction
from app.social.services import SocialServices


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


async def join(
    services: SocialServices, tx: SocialTransaction, asker: Asker, social: str, profile: Profile
) -> SocialAccount:
    """Link a proven identity inside the caller's transaction, which has locked the account; twice is once.

    Raises:
        IdentityInUse, ProviderLinkedAlready: nothing is written then.
        UniqueViolation: somebody else linked the identity at this moment.
    """
    linked = await tx.social_accounts.find(social, profile.subject)
    decision = decide_joining(
        asker.user_id,
        linked_to=linked.user_id if linked else None,
        has_another=await tx.social_accounts.has_any(asker.user_id, social),
    )
    if decision is Joining.IN_USE:
        raise IdentityInUse
    if decision is Joining.OCCUPIED:
        raise ProviderLinkedAlready
    if linked is not None:
        return linked
    account = new_social_account(social, profile, asker.user_id, at=services.clock.now())
    await tx.social_accounts.add(account)
    await note_change(services, tx, asker, social, LoginOutcome.SOCIAL_LINKED)
    return account


@rerun_on_conflict
async def check_asker(services: SocialServices, asker: Asker) -> None:
    """See whether the session still stands, before anything is used up for it.

    Raises:
        AuthenticationRequired: it does not.
    """
    async with services.storage.transaction() as tx:
        await lock_asker(tx, asker, at=services.clock.now())


@rerun_on_conflict  # of two accounts that link one identity at once, the second finds it linked
async def link(services: SocialServices, asker: Asker, social: str, profile: Profile) -> SocialAccount:
    """Link a proven identity to the account of somebody who is signed in.

    Raises:
        AuthenticationRequired: the session has ended meanwhile.
        IdentityInUse, ProviderLinkedAlready: as for `join`.
    """
    async with services.storage.transaction() as tx:
        await lock_asker(tx, asker, at=services.clock.now())
        return await join(services, tx, asker, social, profile)
