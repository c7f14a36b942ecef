"""What the social domain asks of the store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.accounts.model import User
from app.accounts.repository import AccountsTransaction, LinkedAccounts
from app.social.account_record import AccountRecord, Known
from app.social.model import SocialAccount


class SocialAccounts(LinkedAccounts, Protocol):
    """Linked accounts by (provider, subject)."""

    async def find(self, social: str, subject: str) -> SocialAccount | None: ...

    async def lock_owner(self, social: str, subject: str) -> User | None:
        """The account that is linked with an identity, locked as by `Users.lock`; the link itself is not."""
        ...

    async def add(self, account: SocialAccount) -> None:
        """Raises: UniqueViolation, when the identity is linked, or the account with somebody of its provider."""
        ...

    async def touch(
        self, social: str, subject: str, user_id: UUID, *, at: datetime, email: str | None, name: str | None
    ) -> bool:
        """Note a use, and what the provider tells of the person; `False` when it is not linked with this account."""
        ...

    async def of_user(self, user_id: UUID) -> Sequence[SocialAccount]:
        """What an account is linked with, the longest linked first; one of each provider at most."""
        ...

    async def remove(self, social: str, subject: str) -> None: ...

    async def has_any(self, user_id: UUID, social: str) -> bool:
        """Whether an account is linked with somebody at a provider."""
        ...


class Transfer(Protocol):
    """Accounts with all that moves with them, many at once."""

    async def find_known(self, records: Sequence[AccountRecord]) -> Known:
        """Look up the ids, addresses and identities of all records, and every role."""
        ...

    async def add(self, records: Sequence[AccountRecord]) -> None:
        """Raises: UniqueViolation, when an id, an address or an identity is taken, or a role is gone."""
        ...

    async def page(self, *, after: UUID | None, limit: int) -> Sequence[AccountRecord]:
        """Accounts by id: those that come after one."""
        ...


class SocialTransaction(AccountsTransaction, Protocol):
    """One transaction, seen from this domain."""

    @property
    def social_accounts(self) -> SocialAccounts: ...
    @property
    def transfer(self) -> Transfer: ...
