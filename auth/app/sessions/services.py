"""What the actions of this domain work with."""

from dataclasses import dataclass

from app.ports.clock import Clock
from app.ports.storage import Storage
from app.ports.tokens import TokenStore
from app.roles.catalogue import RoleCatalogue
from app.sessions.keyring import KeyRingCache
from app.sessions.repository import SessionsTransaction
from app.sessions.revocations import RevocationFeed
from app.sessions.service_clients import ServiceClients
from app.sessions.tokens import TokenPolicy


@dataclass(frozen=True, kw_only=True)
class SessionServices:
    """Made once by `bootstrap`; shared by every request.

    Attributes:
        reset_page_url: where somebody goes to set a new password; without a token it asks for the address.
        deny_page_url: where an owner says that a sign-in was not theirs; the token follows `#token=`.
    """

    storage: Storage[SessionsTransaction]
    tokens: TokenStore
    keys: KeyRingCache
    roles: RoleCatalogue
    clients: ServiceClients
    revocations: RevocationFeed
    clock: Clock
    policy: TokenPolicy
    reset_page_url: str
    deny_page_url: str
