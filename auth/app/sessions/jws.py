"""Compact JWS read strictly: one algorithm list, one key, one spelling, or nothing (RFC 8725)."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeyFlexible

from app import strict_json

MAX_BYTES = 16 * 1024
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HEADER_MEMBERS = frozenset({"alg", "kid", "typ"})

Header = Mapping[str, Any]
Claims = dict[str, Any]
KeyLookup = Callable[[Header], KeyFlexible | None]


class TokenInvalid(Exception):
    """The token is not what it should be. Carries no part of it."""


def read_header(token: str) -> Header:
    """Decode the header before any key is chosen.

    Only `alg`, `kid` and `typ` may stand in it: no `jwk`, `jku`, `x5u`, `crit`, `b64`
    (RFC 8725, section 3.10; RFC 7515, section 4.1.11).

    Raises:
        TokenInvalid: not a compact JWS, too large, or a header with anything else in it.
    """
    if len(token) > MAX_BYTES or not _COMPACT.fullmatch(token):
        raise TokenInvalid
    header = parse_json_object(decode_part(token.split(".", 1)[0]))
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
        decode_part(part)
    key = find_key(header)
    if key is None:
        raise TokenInvalid
    try:
        verified = jws.deserialize_compact(token, key, algorithms=[header["alg"]])
    except (JoseError, ValueError, TypeError) as error:
        raise TokenInvalid from error
    return header, parse_json_object(verified.payload)


def encode_part(raw: bytes) -> str:
    """base64url without padding (RFC 7515, section 2)."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_part(part: str) -> bytes:
    """The reverse; a second spelling of the same bytes is refused (spare bits that are not zero).

    Raises:
        TokenInvalid: it is no base64url, or not the only one of these bytes.
    """
    try:
        raw = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise TokenInvalid from error
    if encode_part(raw) != part:
        raise TokenInvalid
    return raw


def parse_json_object(raw: bytes | str) -> Claims:
    """Read one JSON object; a member given twice is refused (RFC 7519, section 4), as are NaN and a BOM.

    Raises:
        TokenInvalid: it is something else.
    """
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        value = strict_json.parse(text)
    except (ValueError, RecursionError) as error:
        raise TokenInvalid from error
    if not isinstance(value, dict):
        raise TokenInvalid
    return value
