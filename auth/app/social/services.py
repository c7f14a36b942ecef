"""What the actions of this domain work with."""

from dataclasses import dataclass

from app.accounts.services import AccountServices
from app.ports.clock import Clock
from app.ports.ephemeral import Ephemeral
from app.ports.storage import Storage
from app.sessions.services import SessionServices
from app.social.catalogue import Catalogue
from app.social.provider_http import ProviderHttp
from app.social.repository import SocialTransaction
from app.social.return_urls import ReturnUrls
from app.social.turns import Turns


@dataclass(frozen=True, kw_only=True)
class SocialServices:
    """Made once by `bootstrap`; shared by every request.

    Attributes:
        native_redirect_uris: where mobile apps may have got a code.
    """

    storage: Storage[SocialTransaction]
    ephemeral: Ephemeral
    sessions: SessionServices
    accounts: AccountServices
    catalogue: Catalogue
    http: ProviderHttp
    turns: Turns
    return_urls: ReturnUrls
    native_redirect_uris: frozenset[str]
    clock: Clock
