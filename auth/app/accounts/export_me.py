"""Everything that is stored about a person, for that person (152-FZ, article 14; GDPR, article 20)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.accounts.consents import Consent
from app.accounts.profile import ProfileView, read_profile
from app.accounts.services import AccountServices
from app.http.principal import Principal
from app.ports.conflicts import rerun_on_conflict
from app.sessions.model import LoginEvent, Session

PAGE = 1000


@dataclass(frozen=True, kw_only=True)
class OwnData:
    """What there is; secrets such as the password's hash are no data about the person.

    Attributes:
        social_accounts: each by the names of its columns.
        sessions: those that hold; what became of the others is in the history.
    """

    at: datetime
    profile: ProfileView
    social_accounts: Sequence[Mapping[str, object]]
    sessions: Sequence[Session]
    logins: Sequence[LoginEvent]
    consents: Sequence[Consent]


@rerun_on_conflict
async def export_me(services: AccountServices, principal: Principal) -> OwnData:
    """Read all of it in one transaction."""
    user_id = principal.user_id
    async with services.storage.transaction() as tx:
        logins: list[LoginEvent] = []
        while page := await tx.history.of_user(user_id, limit=PAGE, before=logins[-1].id if logins else None):
            logins += page
        return OwnData(
            at=services.clock.now(),
            profile=await read_profile(services, tx, principal),
            social_accounts=await tx.social_accounts.describe(user_id),
            sessions=await tx.sessions.open_of(user_id, at=services.clock.now()),
            logins=logins,
            consents=await tx.consents.of_user(user_id),
        )
