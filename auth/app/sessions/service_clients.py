"""The cinema's own services that may ask about tokens: each has an id and a secret of the command line."""

import hmac
import re
import secrets
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from uuid_utils.compat import uuid7

from app.http.text import parse_line
from app.ports.clock import Clock
from app.ports.conflicts import rerun_on_conflict
from app.ports.fresh import Fresh
from app.ports.storage import Storage
from app.sessions.errors import ClientAuthenticationRequired
from app.sessions.keyring import OUTLASTS
from app.sessions.model import ServiceClient
from app.sessions.repository import SessionsTransaction

MAX_NAME = 100
_BASIC = re.compile(r"(?i:basic) +([A-Za-z0-9+/]+=*)")  # RFC 7617, section 2


@dataclass(frozen=True, kw_only=True)
class NewClient:
    """A client just made; its secret is told now and never again."""

    client: ServiceClient
    secret: str = field(repr=False)


class ServiceClients:
    """The clients as the store had them at most a second ago; as they were, while it is away for some minutes."""

    def __init__(self, storage: Storage[SessionsTransaction], clock: Clock) -> None:
        self._storage = storage
        self._fresh = Fresh(self._load, clock, outlasts=OUTLASTS)

    async def authenticate(self, headers: Sequence[str]) -> ServiceClient:
        """Find out who asks.

        Args:
            headers: the values of `Authorization`.

        Raises:
            ClientAuthenticationRequired: none, more than one, no credentials of ours, or those of a revoked client.
        """
        user, password = _read_basic(headers)
        client = (await self._fresh.get()).get(user)
        given = sha256(password).digest()
        if client is None or not hmac.compare_digest(given, client.secret_hash):
            raise ClientAuthenticationRequired
        return client

    @rerun_on_conflict
    async def _load(self) -> Mapping[str, ServiceClient]:
        async with self._storage.reading() as tx:
            return {str(client.id): client for client in await tx.clients.all()}


@rerun_on_conflict
async def create_client(storage: Storage[SessionsTransaction], name: str, *, at: datetime) -> NewClient:
    """Make one; it may ask within a second.

    Raises:
        InvalidInput: the name is empty, too long, or cannot be shown.
    """
    secret = secrets.token_urlsafe(32)
    client = ServiceClient(
        id=uuid7(),
        name=parse_line(name, pointer="/name", max_length=MAX_NAME),
        secret_hash=sha256(secret.encode()).digest(),
        created_at=at,
    )
    async with storage.transaction() as tx:
        await tx.clients.add(client)
    return NewClient(client=client, secret=secret)


@rerun_on_conflict
async def list_clients(storage: Storage[SessionsTransaction]) -> Sequence[ServiceClient]:
    """All of them, oldest first."""
    async with storage.reading() as tx:
        return await tx.clients.all()


@rerun_on_conflict
async def revoke_client(storage: Storage[SessionsTransaction], client_id: UUID) -> bool:
    """Take a client's right to ask, within a second. Returns: whether there was such a client."""
    async with storage.transaction() as tx:
        return await tx.clients.remove(client_id)


def _read_basic(headers: Sequence[str]) -> tuple[str, bytes]:
    match = _BASIC.fullmatch(headers[0]) if len(headers) == 1 else None
    if match is None:
        raise ClientAuthenticationRequired
    try:
        user, colon, password = b64decode(match[1], validate=True).partition(b":")
        name = user.decode("ascii")
    except (NoBase64, UnicodeDecodeError):
        raise ClientAuthenticationRequired from None
    if not colon:
        raise ClientAuthenticationRequired
    return name, password
