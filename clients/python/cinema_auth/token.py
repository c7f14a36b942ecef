"""Judge the claims of an access token (RFC 9068, section 4)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cinema_auth import jws
from cinema_auth.claims import Claims
from cinema_auth.errors import TokenInvalid

ACCESS_TYPE = "at+jwt"  # RFC 9068, section 2.1
# The Auth service issues none that lives longer. Ends of sessions are remembered for somewhat more than this.
MAX_LIFE_SECONDS = 15 * 60
MAX_ROLES = 1000
_LAST_MOMENT = 253402300799  # of the year 9999, after which datetime knows nothing


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Whose tokens are taken, and how far clocks may differ."""

    issuer: str
    audience: str
    leeway_seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """A token that was rightly signed and meant for us; whether it has expired changes with time."""

    key: jws.Key
    claims: Claims
    not_before: float
    expires: float

    def check_time(self, now: float, leeway_seconds: float) -> None:
        """Raises: TokenInvalid, before its time and after it."""
        if now >= self.expires + leeway_seconds:
            raise TokenInvalid("expired")
        if now < self.not_before - leeway_seconds:
            raise TokenInvalid("from the future")


def read_token(token: str, policy: Policy, find_key: Callable[[str], jws.Key | None]) -> Verified:
    """Judge everything about a token but the time.

    Raises:
        TokenInvalid: whatever is wrong with it.
    """
    key, claims = jws.verify(token, token_type=ACCESS_TYPE, find_key=find_key)
    if claims.get("iss") != policy.issuer or claims.get("aud") != policy.audience:
        raise TokenInvalid("for somebody else, or by somebody else")
    issued, expires = _moment(claims, "iat"), _moment(claims, "exp")
    if not 0 < expires - issued <= MAX_LIFE_SECONDS:
        raise TokenInvalid("lives too long")
    not_before = max(issued, _moment(claims, "nbf")) if "nbf" in claims else issued
    said = Claims(
        user_id=_uuid(claims.get("sub")),
        session_id=_uuid(claims.get("sid")),
        token_id=_text(claims.get("jti")),
        roles=_roles(claims.get("roles")),
        issued_at=datetime.fromtimestamp(issued, UTC),
        expires_at=datetime.fromtimestamp(expires, UTC),
    )
    return Verified(key=key, claims=said, not_before=not_before, expires=expires)


def _moment(claims: dict[str, Any], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LAST_MOMENT:
        raise TokenInvalid(f"no moment in {name}")
    return value


def _uuid(value: object) -> UUID:
    """In the one spelling that the Auth service uses."""
    try:
        found = UUID(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or str(found) != value:
        raise TokenInvalid("no identifier")
    return found


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TokenInvalid("no text")
    return value


def _roles(value: object) -> frozenset[str]:
    if not isinstance(value, list) or len(value) > MAX_ROLES:
        raise TokenInvalid("no roles")
    return frozenset(_text(each) for each in value)
