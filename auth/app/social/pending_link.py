"""Keep a proven identity until somebody has proved that an account is theirs, too."""

import re
import secrets
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import msgspec

from app.social.errors import LinkTokenInvalid
from app.social.model import PendingLink
from app.social.services import SocialServices

PENDING_LINK_TTL = timedelta(minutes=10)
MAX_TRIES = 5
_SHORTEST_TTL = timedelta(seconds=1)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


async def put(services: SocialServices, pending: PendingLink) -> str:
    """Keep it until it expires; give the one-time token that finds it."""
    token = secrets.token_urlsafe(32)
    await _keep(services, token, pending)
    return token


async def take(services: SocialServices, token: str) -> PendingLink:
    """Use up the token. Of many at once exactly one gets it, so nobody tries several proofs at once.

    Raises:
        LinkTokenInvalid: unknown, expired, or used.
    """
    stored = await services.ephemeral.take(_key(token)) if _TOKEN.fullmatch(token) else None
    if stored is None:
        raise LinkTokenInvalid
    return msgspec.json.decode(stored, type=PendingLink)


async def give_back(services: SocialServices, token: str, pending: PendingLink, *, counted: bool) -> None:
    """Let a token live on after a proof that did not do.

    Args:
        counted: the proof was wrong; after five of these the token is gone.
    """
    tries = pending.tries + counted
    if tries < MAX_TRIES:
        await _keep(services, token, replace(pending, tries=tries))


async def _keep(services: SocialServices, token: str, pending: PendingLink) -> None:
    left = pending.expires_at - services.clock.now()
    if left >= _SHORTEST_TTL:
        await services.ephemeral.put(_key(token), msgspec.json.encode(pending), ttl=left)


def _key(token: str) -> str:
    return "pending-link:" + sha256(token.encode()).hexdigest()
