"""What the sessions domain asks of the store."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.mail.repository import MailTransaction
from app.roles.repository import RolesTransaction
from app.sessions.keys import SigningKey
from app.sessions.model import Appearance, EndReason, LoginEvent, ServiceClient, Session, SessionEnd


class Sessions(Protocol):
    """Rows of sign-ins. A row is written once when the session begins and once when it ends."""

    async def begin(self, session: Session, event: LoginEvent) -> tuple[tuple[str, ...], int]:
        """Write a session and its line in the login history.

        Returns:
            What `Roles.names_and_version` says of the account now: every new session asks that, and a database on
            another machine can do all three at once.
        """
        ...

    async def begin_by_password(
        self, session: Session, event: LoginEvent, *, password_hash: str
    ) -> tuple[tuple[str, ...], int] | None:
        """`begin`, if the account still has this password and is not blocked; in one call, which takes the lock too."""
        ...

    async def get(self, session_id: UUID) -> Session | None: ...

    async def open_of(self, user_id: UUID, *, at: datetime) -> Sequence[Session]:
        """Sessions neither ended nor past their absolute end, newest first."""
        ...

    async def page(self, user_id: UUID, *, at: datetime, limit: int, before: UUID | None = None) -> Sequence[Session]:
        """One page of what `open_of` gives: the sessions older than the one with the id `before`."""
        ...

    async def recent_of(self, user_id: UUID, *, at: datetime, ended_since: datetime) -> Sequence[Session]:
        """Sessions that are open, and those that have ended since a moment; no one past its absolute end."""
        ...

    async def ended_since(
        self, moment: datetime, *, after: UUID | None, alive_at: datetime, limit: int
    ) -> Sequence[Session]:
        """Ended sessions that would still be alive otherwise, by the moment of their end and then by id.

        Args:
            after: of those that ended in this very moment, only the ones with a greater id.
        """
        ...

    async def ends_since(self, moment: datetime, *, after: UUID | None, limit: int) -> Sequence[SessionEnd]:
        """When sessions ended, in the order of `ended_since`: an index alone answers it, also where ends abound."""
        ...

    async def end(self, session_ids: Collection[UUID], *, at: datetime, reason: EndReason) -> int:
        """Mark as ended those that are not yet. Of many who end one at once exactly one does.

        Returns:
            How many that were.
        """
        ...


class LoginHistory(Protocol):
    """The account's log book: only ever added to, until it is old enough to be forgotten."""

    async def add(self, event: LoginEvent) -> None: ...

    async def of_user(self, user_id: UUID, *, limit: int, before: UUID | None = None) -> Sequence[LoginEvent]:
        """One page, newest first: the events that were written before the one with the id `before`."""
        ...

    async def appearances(self, user_id: UUID, *, limit: int) -> Sequence[Appearance]:
        """Who appears in the newest events, in no order."""
        ...


class SigningKeys(Protocol):
    """The keys of the service, oldest first."""

    async def lock(self) -> None:
        """Keep everybody else from locking until this transaction ends: call before deciding about a new key."""
        ...

    async def all(self) -> Sequence[SigningKey]: ...

    async def add(self, key: SigningKey) -> None: ...

    async def retire(self, key_id: str, at: datetime) -> None: ...


class Denials(Protocol):
    """One-time tokens with which an owner denies a sign-in; `accounts/deny_sign_in.py` uses them."""

    async def add_denial(self, token_hash: bytes, session: Session, *, email: str, expires_at: datetime) -> None: ...


class Clients(Protocol):
    """The cinema's services that may ask about tokens."""

    async def all(self) -> Sequence[ServiceClient]:
        """All of them, oldest first."""
        ...

    async def add(self, client: ServiceClient) -> None: ...

    async def remove(self, client_id: UUID) -> bool:
        """Whether there was such a client."""
        ...


class SessionsTransaction(RolesTransaction, MailTransaction, Protocol):
    """One transaction, seen from this domain."""

    @property
    def sessions(self) -> Sessions: ...

    @property
    def history(self) -> LoginHistory: ...

    @property
    def keys(self) -> SigningKeys: ...

    @property
    def mail_tokens(self) -> Denials: ...

    @property
    def clients(self) -> Clients: ...
