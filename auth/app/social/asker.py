"""Somebody who is signed in and changes what their account is linked with."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.accounts.model import User
from app.errors import AuthenticationRequired
from app.http.client import Client
from app.social.repository import SocialTransaction


@dataclass(frozen=True, kw_only=True)
class Asker:
    """The account and the session that ask, and from where."""

    user_id: UUID
    session_id: UUID
    client: Client


async def lock_asker(tx: SocialTransaction, asker: Asker, *, at: datetime) -> User:
    """The account under the lock, if the session still stands.

    Raises:
        AuthenticationRequired: the session has ended since it was looked at, or the account is blocked or gone.
    """
    user = await tx.users.lock(asker.user_id)
    session = await tx.sessions.get(asker.session_id)
    if user is None or user.blocked_at is not None:
        raise AuthenticationRequired(invalid=True)
    if session is None or session.user_id != user.id or session.ended_at is not None or session.expires_at <= at:
        raise AuthenticationRequired(invalid=True)
    return user
