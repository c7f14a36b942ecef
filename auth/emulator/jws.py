"""Compact JWS, written by hand so that every part of it can be wrong on purpose."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from emulator.keys import SigningKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

Signer = Callable[[bytes], bytes]


def encoded(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(header: Mapping[str, Any], payload: bytes, sign: Signer) -> str:
    """Header, payload and signature joined by dots."""
    signed = f"{encoded(json.dumps(header).encode())}.{encoded(payload)}"
    return f"{signed}.{encoded(sign(signed.encode()))}"


def rs256(private: "RSAPrivateKey") -> Signer:
    """RSASSA-PKCS1-v1_5 with SHA-256."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 (at first use: see keys)
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415

    return lambda data: private.sign(data, padding.PKCS1v15(), hashes.SHA256())


def rs1(private: "RSAPrivateKey") -> Signer:
    """RSASSA-PKCS1-v1_5 with SHA-1: outdated, no client should take it."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415

    return lambda data: private.sign(data, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303


def ps512(private: "RSAPrivateKey") -> Signer:
    """RSASSA-PSS with SHA-512: a good algorithm that Google never uses."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415

    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA512()), salt_length=hashes.SHA512.digest_size)
    return lambda data: private.sign(data, pss, hashes.SHA512())


def hs256(secret: bytes) -> Signer:
    """HMAC with SHA-256."""
    return lambda data: hmac.digest(secret, data, sha256)


def sign_rs256(claims: Mapping[str, Any], key: SigningKey) -> str:
    """An honest RS256 token."""
    header = {"alg": "RS256", "kid": key.kid, "typ": "JWT"}
    return compact(header, json.dumps(claims).encode(), rs256(key.private))
