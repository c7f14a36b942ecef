"""Our two tokens: how they are made from a session's state, and how they are read again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard
from uuid import UUID

from app.ports.tokens import TokenState
from app.sessions import jws
from app.sessions.keys import KeyRing, KeyUse

ACCESS_TYPE = "at+jwt"  # RFC 9068, section 2.1
REFRESH_TYPE = "rt+jwt"
LEEWAY = timedelta(seconds=10)  # clocks of several hosts differ a little
MAX_TOKEN_BYTES = 4096
MAX_GENERATION = 2**31 - 1  # what every token store can count to
LAST_MOMENT = int(datetime.max.replace(tzinfo=UTC).timestamp())


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


@dataclass(frozen=True, kw_only=True)
class AccessClaims:
    """What a valid access token says, as far as this service needs it."""

    session_id: UUID
    user_id: UUID
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class RefreshClaims:
    """What a valid refresh token says."""

    session_id: UUID
    user_id: UUID
    generation: int


def issue(state: TokenState, *, ring: KeyRing, policy: TokenPolicy) -> TokenPair:
    """Make the pair of a session's present generation.

    A pure function of the state: asked again it gives the very same pair, which is what makes
    `refresh` idempotent without keeping any token.
    """
    issued = int(state.rotated_at.timestamp())
    refresh_expires = min(state.rotated_at + policy.refresh_idle_ttl, state.expires_at)
    common: dict[str, Any] = {
        "iss": policy.issuer,
        "sub": str(state.user_id),
        "sid": str(state.session_id),
        "iat": issued,
    }
    access = common | {
        "aud": policy.audience,
        "jti": f"{state.session_id}.{state.generation}",
        "exp": issued + int(policy.access_ttl.total_seconds()),
        "roles": list(state.roles),
    }
    refresh = common | {"gen": state.generation, "exp": int(refresh_expires.timestamp())}
    return TokenPair(
        access_token=_sign(access, KeyUse.ACCESS, ACCESS_TYPE, ring, state.rotated_at),
        refresh_token=_sign(refresh, KeyUse.REFRESH, REFRESH_TYPE, ring, state.rotated_at),
        expires_in=access["exp"] - issued,
        refresh_expires_in=refresh["exp"] - issued,
    )


def read_access(token: str, *, ring: KeyRing, policy: TokenPolicy, now: datetime) -> AccessClaims:
    """Judge an access token (RFC 9068, section 4).

    Raises:
        TokenInvalid: whatever is wrong with it.
    """
    claims = _verify(token, KeyUse.ACCESS, ACCESS_TYPE, ring, policy, now)
    if claims.get("aud") != policy.audience:
        raise jws.TokenInvalid
    return AccessClaims(
        session_id=_uuid(claims.get("sid")),
        user_id=_uuid(claims.get("sub")),
        issued_at=datetime.fromtimestamp(claims["iat"], UTC),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )


def read_refresh(token: str, *, ring: KeyRing, policy: TokenPolicy, now: datetime) -> RefreshClaims:
    """Judge a refresh token; whether its generation is the newest is the token store's answer.

    Raises:
        TokenInvalid: whatever is wrong with it.
    """
    claims = _verify(token, KeyUse.REFRESH, REFRESH_TYPE, ring, policy, now)
    generation = claims.get("gen")
    if not _is_whole_number(generation) or not 0 <= generation < MAX_GENERATION:
        raise jws.TokenInvalid
    return RefreshClaims(session_id=_uuid(claims.get("sid")), user_id=_uuid(claims.get("sub")), generation=generation)


def _sign(claims: dict[str, Any], use: KeyUse, token_type: str, ring: KeyRing, at: datetime) -> str:
    signer = ring.signing_key(use, at)
    return jws.sign(claims, key=signer.key, algorithm=signer.algorithm, key_id=signer.key_id, token_type=token_type)


def _verify(
    token: str, use: KeyUse, token_type: str, ring: KeyRing, policy: TokenPolicy, now: datetime
) -> dict[str, Any]:
    if len(token) > MAX_TOKEN_BYTES:
        raise jws.TokenInvalid
    header = jws.read_header(token)
    signer = ring.find(use, header.get("kid"), now)
    if signer is None or header.get("typ") != token_type:
        raise jws.TokenInvalid
    _, claims = jws.verify(token, find_key=lambda _: signer.key, algorithms=[signer.algorithm])
    issued, expires = claims.get("iat"), claims.get("exp")
    if not (_is_moment(issued) and _is_moment(expires)) or claims.get("iss") != policy.issuer:
        raise jws.TokenInvalid
    moment = now.astimezone(UTC).timestamp()
    if moment >= expires + LEEWAY.total_seconds() or moment < issued - LEEWAY.total_seconds():
        raise jws.TokenInvalid
    return claims


def _is_whole_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_moment(value: object) -> TypeGuard[int]:
    return _is_whole_number(value) and 0 <= value <= LAST_MOMENT


def _uuid(value: object) -> UUID:
    try:
        return UUID(value) if isinstance(value, str) else _refuse()
    except ValueError as error:
        raise jws.TokenInvalid from error


def _refuse() -> UUID:
    raise jws.TokenInvalid
