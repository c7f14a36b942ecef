"""Compact JWS read strictly: one algorithm for each key, one spelling, or nothing (RFC 8725)."""

import json
import re
import warnings
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OKPKey, RSAKey

from cinema_auth.errors import TokenInvalid

# RFC 9864 renames EdDSA to Ed25519; the Auth service goes on using the name that everybody knows.
warnings.filterwarnings("ignore", message="EdDSA is deprecated", category=SecurityWarning)

MAX_BYTES = 4096
MAX_KEY_ID = 256
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HEADER_MEMBERS = frozenset({"alg", "kid", "typ"})


@dataclass(frozen=True, kw_only=True)
class Key:
    """One public key. It verifies one algorithm, whatever a token says.

    Attributes:
        members: what makes it this key, as it was shown.
    """

    key_id: str
    algorithm: str
    members: Mapping[str, str]
    public: OKPKey | RSAKey


def require_plausible(token: object) -> None:
    """Raises: TokenInvalid, for what is not worth a closer look; callers pass on what somebody has sent them."""
    if not isinstance(token, str) or len(token) > MAX_BYTES or not _COMPACT.fullmatch(token):
        raise TokenInvalid("no compact JWS")


def verify(token: str, *, token_type: str, find_key: Callable[[str], Key | None]) -> tuple[Key, dict[str, Any]]:
    """Check form and signature, and give the claims; these are still to be judged.

    Raises:
        TokenInvalid: whatever is wrong with it.
    """
    require_plausible(token)
    header, _, _ = [_decode(part) for part in token.split(".")]
    key = _choose_key(parse_object(header), token_type, find_key)
    try:
        verified = jws.deserialize_compact(token, key.public, algorithms=[key.algorithm])
    except (JoseError, ValueError, TypeError) as error:
        raise TokenInvalid("not signed by the Auth service") from error
    return key, parse_object(verified.payload)


def _choose_key(header: dict[str, Any], token_type: str, find_key: Callable[[str], Key | None]) -> Key:
    """Nothing but `alg`, `kid` and `typ` may stand in a header: no `jwk`, `jku`, `x5u`, `crit`, `b64`."""
    if not _HEADER_MEMBERS.issuperset(header) or header.get("typ") != token_type:
        raise TokenInvalid("not an access token")
    key_id = header.get("kid")
    if not isinstance(key_id, str) or len(key_id) > MAX_KEY_ID:
        raise TokenInvalid("no key is named")
    key = find_key(key_id)
    if key is None:
        raise TokenInvalid("signed with an unknown key")
    if header.get("alg") != key.algorithm:
        raise TokenInvalid("another algorithm than that of the key")
    return key


def _decode(part: str) -> bytes:
    """Decode base64url and refuse a second spelling of the same bytes (spare bits that are not zero)."""
    try:
        raw = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise TokenInvalid("no base64url") from error
    if urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise TokenInvalid("another spelling")
    return raw


def parse_object(raw: bytes) -> dict[str, Any]:
    """Read one JSON object; a member given twice is refused (RFC 7519, section 4), as are NaN and a BOM."""
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_members, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise TokenInvalid("no JSON") from error
    if not isinstance(value, dict):
        raise TokenInvalid("no JSON object")
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise TokenInvalid("a member is there twice")
    return found


def _refuse(_: str) -> None:
    raise TokenInvalid("no JSON number")
