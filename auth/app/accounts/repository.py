"""What the accounts domain asks of the store."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.accounts.consents import Consent
from app.accounts.email_address import EmailAddress
from app.accounts.model import MailToken, MailTokenPurpose, User, UserFilter
from app.sessions.repository import Denials, SessionsTransaction


class Users(Protocol):
    """Accounts. An address belongs to one account at most, by its canonical key."""

    async def add(self, user: User, *, email_key: str | None) -> None:
        """Raises: UniqueViolation, when the address is taken."""
        ...

    async def get(self, user_id: UUID) -> User | None: ...

    async def page(self, wanted: UserFilter, *, before: UUID | None, limit: int) -> Sequence[User]:
        """Accounts, newest first: those that are older than one."""
        ...

    async def lock(self, user_id: UUID) -> User | None:
        """Read an account and keep others from changing it until the transaction ends.

        Whoever changes what belongs to an account locks it first: in one order nobody deadlocks.
        """
        ...

    async def find_by_email(self, email: EmailAddress) -> User | None: ...

    async def confirm_email(self, user_id: UUID, *, at: datetime) -> None: ...

    async def set_email(self, user_id: UUID, email: EmailAddress, *, at: datetime) -> None:
        """Give the account another, confirmed address.

        Raises: UniqueViolation, when the address is taken.
        """
        ...

    async def set_password_hash(self, user_id: UUID, password_hash: str | None) -> None: ...

    async def set_profile(self, user_id: UUID, *, name: str | None, locale: str) -> None: ...

    async def set_blocked(self, user_id: UUID, *, at: datetime | None) -> None: ...

    async def is_role_held_besides(self, user_id: UUID, role: str) -> bool:
        """Whether anybody else holds a role and can sign in: is not blocked."""
        ...

    async def delete(self, user_id: UUID) -> None:
        """Remove the account and all that is known of its person; the caller has ended its sessions.

        Of a session only the end is left, with no address and no device, until none of its tokens could be valid.
        """
        ...


class MailTokens(Denials, Protocol):
    """One-time tokens that were mailed."""

    async def add(self, token: MailToken) -> None: ...

    async def find(self, token_hash: bytes, purpose: MailTokenPurpose, *, at: datetime) -> MailToken | None:
        """Look at a living token without using it."""
        ...

    async def take(self, token_hash: bytes, purpose: MailTokenPurpose, *, at: datetime) -> MailToken | None:
        """Read and remove a living token; of many at once exactly one gets it."""
        ...

    async def drop(self, user_id: UUID, *purposes: MailTokenPurpose) -> None:
        """Remove every token of some purposes that an account has."""
        ...

    async def drop_undoing(self, user_id: UUID, *, email: str, since: datetime) -> None:
        """Remove the tokens that undo a change and lead back to `email`, or were made after those of `since`.

        Args:
            since: the end (`expires_at`) of a token; all of this purpose live equally long.
        """
        ...


class LinkedAccounts(Protocol):
    """Accounts at providers, as far as this domain has to do with them."""

    async def remove_since(self, user_id: UUID, *, since: datetime) -> None:
        """Unlink what was linked to an account at that moment or later."""
        ...

    async def remove_of(self, user_id: UUID, social: str) -> None:
        """Unlink whatever an account is linked with at one provider."""
        ...

    async def describe(self, user_id: UUID) -> Sequence[Mapping[str, object]]:
        """Everything that is kept of an account's links."""
        ...


class Consents(Protocol):
    """What people have agreed to. Rows are added and ended, never changed otherwise."""

    async def add(self, consent: Consent) -> None: ...

    async def of_user(self, user_id: UUID) -> Sequence[Consent]:
        """An account's agreements, the oldest first."""
        ...

    async def withdraw(self, user_id: UUID, document: str, *, at: datetime) -> None:
        """End an account's agreements to a document that are in force."""
        ...

    async def drop(self, user_id: UUID) -> None:
        """Remove an account's agreements: it has turned out that somebody else may have given them."""
        ...


class AccountsTransaction(SessionsTransaction, Protocol):
    """One transaction, seen from this domain."""

    @property
    def users(self) -> Users: ...

    @property
    def mail_tokens(self) -> MailTokens: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def social_accounts(self) -> LinkedAccounts: ...
