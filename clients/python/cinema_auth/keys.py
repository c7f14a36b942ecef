"""The public keys of the Auth service (RFC 7517)."""

import re
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey, RSAKey, import_key

from cinema_auth.errors import TokenInvalid, Unavailable
from cinema_auth.jws import MAX_KEY_ID, Key, parse_object

MAX_BYTES = 64 * 1024
MAX_KEYS = 64
MIN_RSA_BITS = 2048
DEFAULT_MAX_AGE = 300.0
MAX_MAX_AGE = 900.0
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=([0-9]{1,9})(?=$|[\s,])")


@dataclass(frozen=True, kw_only=True)
class KeySet:
    """The keys as they were shown.

    Attributes:
        key_ids: all that were shown, also of kinds that are not used here.
    """

    usable: dict[str, Key]
    key_ids: frozenset[str]

    def only(self, key_ids: frozenset[str]) -> "KeySet":
        """Without those that count no more."""
        return KeySet(
            usable={name: key for name, key in self.usable.items() if name in key_ids}, key_ids=self.key_ids & key_ids
        )


NO_KEYS = KeySet(usable={}, key_ids=frozenset())


def parse_key_set(raw: bytes, known: KeySet = NO_KEYS) -> KeySet:
    """Read a JWK set; keys of other kinds and for other uses are left out.

    Args:
        known: the set as it was before. A key that has not changed stays the same object.

    Raises:
        Unavailable: it is none, or there is no key in it for us.
    """
    try:
        shown = parse_object(raw).get("keys")
    except TokenInvalid as error:
        raise Unavailable("the key set cannot be read") from error
    if not isinstance(shown, list) or len(shown) > MAX_KEYS:
        raise Unavailable("the key set cannot be read")
    named = [each for each in shown if isinstance(each, dict) and _is_name(each.get("kid"))]
    key_ids = frozenset(each["kid"] for each in named)
    usable = {key.key_id: key for each in named if (key := _parse_key(each, known)) is not None}
    if not usable or len(key_ids) != len(named):
        raise Unavailable("the key set cannot be used")
    return KeySet(usable=usable, key_ids=key_ids)


def max_age(cache_control: str) -> float:
    """How many seconds a set may be kept without asking again."""
    match = _MAX_AGE.search(cache_control.lower())
    return min(float(match[1]), MAX_MAX_AGE) if match else DEFAULT_MAX_AGE


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_KEY_ID


def _parse_key(jwk: dict[str, Any], known: KeySet) -> Key | None:
    """A key names its algorithm; a token only repeats it."""
    match jwk:
        case {"kty": "OKP", "crv": "Ed25519", "x": str()}:
            algorithm, names = "EdDSA", ("kty", "crv", "x")
        case {"kty": "RSA", "n": str(modulus), "e": str()} if len(modulus) * 6 >= MIN_RSA_BITS:
            algorithm, names = "RS256", ("kty", "n", "e")
        case _:
            return None
    if jwk.get("alg", algorithm) != algorithm or jwk.get("use", "sig") != "sig":
        return None
    members = {name: jwk[name] for name in names}
    before = known.usable.get(jwk["kid"])
    return before if before and before.members == members else _import(jwk["kid"], algorithm, members)


def _import(key_id: str, algorithm: str, members: dict[str, str]) -> Key | None:
    try:
        public = import_key({**members})
    except (JoseError, ValueError, TypeError):
        return None
    if isinstance(public, OKPKey | RSAKey):
        return Key(key_id=key_id, algorithm=algorithm, members=members, public=public)
    return None
