"""What a valid access token says."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Claims:
    """Who sent the request.

    Attributes:
        user_id: the viewer; never changes.
        session_id: one sign-in on one device.
        roles: as they were when the token was issued: some minutes ago at most.
    """

    user_id: UUID
    session_id: UUID
    token_id: str
    roles: frozenset[str]
    issued_at: datetime
    expires_at: datetime
