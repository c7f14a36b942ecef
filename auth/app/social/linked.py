"""What an account is linked with."""

from collections.abc import Sequence
from uuid import UUID

from app.ports.conflicts import rerun_on_conflict
from app.social.model import SocialAccount
from app.social.services import SocialServices

_SHOWN = 4


@rerun_on_conflict
async def list_linked(services: SocialServices, user_id: UUID) -> Sequence[SocialAccount]:
    """The accounts at providers, the longest linked first."""
    async with services.storage.reading() as tx:
        return await tx.social_accounts.of_user(user_id)


def mask_subject(subject: str) -> str:
    """The end of a provider's key of a person: enough to tell two accounts of one's own apart."""
    shown = min(_SHOWN, len(subject) // 2)
    return "…" + subject[len(subject) - shown :]
