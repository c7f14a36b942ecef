"""What the actions of this domain work with."""

from dataclasses import dataclass

from app.accounts.consents import ConsentPolicy
from app.accounts.passwords import PasswordHasher
from app.accounts.repository import AccountsTransaction
from app.ports.clock import Clock
from app.ports.storage import Storage
from app.sessions.services import SessionServices


@dataclass(frozen=True, kw_only=True)
class AccountServices:
    """Made once by `bootstrap`; shared by every request.

    Attributes:
        confirm_page_url, reset_page_url, undo_page_url: the pages that mails lead to; the token follows `#token=`.
        require_confirmed_email: whether a password opens an account whose address is unproven.
        consents: the documents that people agree to.
    """

    storage: Storage[AccountsTransaction]
    passwords: PasswordHasher
    sessions: SessionServices
    clock: Clock
    confirm_page_url: str
    reset_page_url: str
    undo_page_url: str
    require_confirmed_email: bool
    consents: ConsentPolicy
