"""Proof Key for Code Exchange (RFC 7636)."""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256

Transform = Callable[[str], str]

_VALUE = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


def s256(verifier: str) -> str:
    """The challenge of a verifier: base64url of its SHA-256, unpadded."""
    digest = sha256(verifier.encode("utf-8", "surrogateescape")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def plain(verifier: str) -> str:
    """The challenge that is the verifier itself."""
    return verifier


def well_formed(value: str) -> bool:
    """Whether a verifier or challenge has the length and the letters that the RFC allows."""
    return _VALUE.fullmatch(value) is not None


def proves(verifier: str, *, challenge: str, transform: Transform) -> bool:
    """Whether the verifier belongs to the challenge."""
    if not well_formed(verifier):
        return False
    return hmac.compare_digest(transform(verifier).encode(), challenge.encode())
