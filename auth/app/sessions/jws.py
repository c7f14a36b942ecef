"""Compact JWS read strictly: one algorithm list, one key, one spelling, or nothing (RFC 8725)."""

import json
import re
import warnings
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeyFlexible

# RFC 9864 renames EdDSA to Ed25519; verifiers in the field still know the old name only.
warnings.filterwarnings("ignore", message="EdDSA is deprecated", category=SecurityWarning)

MAX_BYTES = 16 * 1024
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HEADER_MEMBERS = frozenset({"alg", "kid", "typ"})

Header = Mapping[str, Any]
Claims = dict[str, Any]
KeyLookup = Callable[[Header], KeyFlexible | None]


class TokenInvalid(Exception):
    """The token is not what it should be. Carries no part of it."""


def sign(claims: Claims, *, key: KeyFlexible, algorithm: str, key_id: str, token_type: str) -> str:
    """Serialise and sign claims; with EdDSA, RS256 and HS256 the same input gives the same token."""
    header = {"alg": algorithm, "kid": key_id, "typ": token_type}
    payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()
    return jws.serialize_compact(header, payload, key, algorithms=[algorithm])


def read_header(token: str) -> Header:
    """Decode the header before any key is chosen.

    Only `alg`, `kid` and `typ` may stand in it: no `jwk`, `jku`, `x5u`, `crit`, `b64`
    (RFC 8725, section 3.10; RFC 7515, section 4.1.11).

    Raises:
        TokenInvalid: not a compact JWS, too large, or a header with anything else in it.
    """
    if len(token) > MAX_BYTES or not _COMPACT.fullmatch(token):
        raise TokenInvalid
    header = parse_json_object(_decode_part(token.split(".", 1)[0]))
    kid_is_text = isinstance(header.get("kid", ""), str) and len(header.get("kid", "")) <= 256
    if not _HEADER_MEMBERS.issuperset(header) or not isinstance(header.get("alg"), str) or not kid_is_text:
        raise TokenInvalid
    return header


def verify(token: str, *, find_key: KeyLookup, algorithms: Collection[str]) -> tuple[Header, Claims]:
    """Check the signature and give header and claims; the claims are still to be judged.

    Raises:
        TokenInvalid: whatever is wrong, without telling what.
    """
    header = read_header(token)
    if header["alg"] not in algorithms:
        raise TokenInvalid
    for part in token.split("."):
        _decode_part(part)
    key = find_key(header)
    if key is None:
        raise TokenInvalid
    try:
        verified = jws.deserialize_compact(token, key, algorithms=[header["alg"]])
    except (JoseError, ValueError, TypeError) as error:
        raise TokenInvalid from error
    return header, parse_json_object(verified.payload)


def _decode_part(part: str) -> bytes:
    """Decode base64url and refuse a second spelling of the same bytes (spare bits not zero)."""
    try:
        raw = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise TokenInvalid from error
    if urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise TokenInvalid
    return raw


def parse_json_object(raw: bytes | str) -> Claims:
    """Read one JSON object; a member given twice is refused (RFC 7519, section 4), as are NaN and a BOM."""

    def members(pairs: list[tuple[str, Any]]) -> Claims:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise TokenInvalid
        return found

    def constant(_: str) -> None:
        raise TokenInvalid

    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        value = json.loads(text, object_pairs_hook=members, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        raise TokenInvalid from error
    if not isinstance(value, dict):
        raise TokenInvalid
    return value
