"""Our two tokens: how they are made from a session's state, and how they are read again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec

from app.ports.tokens import TokenState
from app.sessions.jws import TokenInvalid, parse_json_object
from app.sessions.keys import KeyRing, KeyUse, SigningKey

LEEWAY_SECONDS = 10  # clocks of several hosts differ a little
MAX_TOKEN_BYTES = 4096
MAX_GENERATION = 2**31 - 1  # what every token store can count to
LAST_MOMENT = int(datetime.max.replace(tzinfo=UTC).timestamp())
REMEMBERED = 4096  # access tokens whose signature was good: some 5 MB

Moment = Annotated[int, msgspec.Meta(ge=0, le=LAST_MOMENT)]  # seconds since 1970


@dataclass(frozen=True, kw_only=True)
class TokenPolicy:
    """How long tokens live, who issues them and for whom."""

    issuer: str
    audience: str
    access_ttl: timedelta
    refresh_idle_ttl: timedelta
    refresh_absolute_ttl: timedelta
    reuse_window: timedelta


@dataclass(frozen=True, kw_only=True)
class TokenPair:
    """An access and a refresh token (RFC 6749, section 5.1); both lives are in whole seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    refresh_expires_in: int


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What both tokens say (RFC 7519, section 4.1; `sid` is that of OpenID Connect)."""

    issuer: str = msgspec.field(name="iss")
    user_id: UUID = msgspec.field(name="sub")
    session_id: UUID = msgspec.field(name="sid")
    issued_at: Moment = msgspec.field(name="iat")
    expires_at: Moment = msgspec.field(name="exp")


class AccessClaims(Claims, frozen=True, kw_only=True):
    """What an access token says (RFC 9068, section 2.2)."""

    audience: str = msgspec.field(name="aud")
    token_id: str = msgspec.field(name="jti")
    roles: tuple[str, ...]


class RefreshClaims(Claims, frozen=True, kw_only=True):
    """What a refresh token says."""

    generation: Annotated[int, msgspec.Meta(ge=0, lt=MAX_GENERATION)] = msgspec.field(name="gen")


Said = TypeVar("Said", bound=Claims)
_encode = msgspec.json.Encoder().encode


def issue(state: TokenState, *, ring: KeyRing, policy: TokenPolicy) -> TokenPair:
    """Make the pair of a session's present generation.

    A pure function of the state: asked again it gives the very same pair, which is what makes
    `refresh` idempotent without keeping any token.
    """
    issued = int(state.rotated_at.timestamp())
    refresh_expires = min(state.rotated_at + policy.refresh_idle_ttl, state.expires_at)
    access = AccessClaims(
        issuer=policy.issuer,
        user_id=state.user_id,
        session_id=state.session_id,
        issued_at=issued,
        expires_at=issued + int(policy.access_ttl.total_seconds()),
        audience=policy.audience,
        token_id=f"{state.session_id}.{state.generation}",
        roles=state.roles,
    )
    refresh = RefreshClaims(
        issuer=policy.issuer,
        user_id=state.user_id,
        session_id=state.session_id,
        issued_at=issued,
        expires_at=int(refresh_expires.timestamp()),
        generation=state.generation,
    )
    return TokenPair(
        access_token=ring.signing_key(KeyUse.ACCESS, state.rotated_at).sign(_encode(access)),
        refresh_token=ring.signing_key(KeyUse.REFRESH, state.rotated_at).sign(_encode(refresh)),
        expires_in=access.expires_at - issued,
        refresh_expires_in=refresh.expires_at - issued,
    )


def read_access(token: str, *, ring: KeyRing, policy: TokenPolicy, now: datetime) -> AccessClaims:
    """Judge an access token (RFC 9068, section 4).

    Raises:
        TokenInvalid: whatever is wrong with it.
    """
    claims = _remembered_claims(_find_key(token, KeyUse.ACCESS, ring, now), token)
    if claims.audience != policy.audience:
        raise TokenInvalid
    return _judge(claims, policy, now)


def read_refresh(token: str, *, ring: KeyRing, policy: TokenPolicy, now: datetime) -> RefreshClaims:
    """Judge a refresh token; whether its generation is the newest is the token store's answer.

    Raises:
        TokenInvalid: whatever is wrong with it.
    """
    return _judge(_claims(_find_key(token, KeyUse.REFRESH, ring, now), token, RefreshClaims), policy, now)


def _find_key(token: str, use: KeyUse, ring: KeyRing, now: datetime) -> SigningKey:
    key = ring.find(use, token, now) if len(token) <= MAX_TOKEN_BYTES else None
    if key is None:
        raise TokenInvalid
    return key


def _claims(key: SigningKey, token: str, kind: type[Said]) -> Said:
    """Check signature and form: both are the same whenever it is asked."""
    try:
        return msgspec.convert(parse_json_object(key.verify(token)), kind)
    except msgspec.ValidationError:
        raise TokenInvalid from None


@lru_cache(maxsize=REMEMBERED)
def _remembered_claims(key: SigningKey, token: str) -> AccessClaims:
    """The same: an access token comes again and again, and its signature is most of the work.

    Whether the key still counts, and the token has not expired, is asked each time.
    """
    return _claims(key, token, AccessClaims)


def _judge(claims: Said, policy: TokenPolicy, now: datetime) -> Said:
    moment = now.timestamp()
    lives = claims.issued_at - LEEWAY_SECONDS <= moment < claims.expires_at + LEEWAY_SECONDS
    if claims.issuer != policy.issuer or not lives:
        raise TokenInvalid
    return claims
