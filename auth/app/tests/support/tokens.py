"""Tokens taken apart and put together again, by rules that nobody should follow."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jws
from joserfc.jwk import KeyFlexible

from app.sessions.keys import KeyUse, SigningKey
from app.tests.support.service import Service


def decode(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def encode(raw: bytes | Mapping[str, Any]) -> str:
    """base64url of bytes, or of a JSON object as the service spells it."""
    data = raw if isinstance(raw, bytes) else json.dumps(raw, separators=(",", ":"), ensure_ascii=False).encode()
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def header_of(token: str) -> dict[str, Any]:
    return dict(json.loads(decode(token.split(".", 1)[0])))


def claims_of(token: str) -> dict[str, Any]:
    return dict(json.loads(decode(token.split(".")[1])))


async def signing_key(service: Service, use: KeyUse = KeyUse.ACCESS) -> SigningKey:
    """The key with which the service signs at this moment."""
    async with service.services.storage.transaction() as tx:
        keys = [key for key in await tx.keys.all() if key.use is use]
    return [key for key in keys if key.activates_at <= service.clock.now()][-1]


def sign(header: bytes | Mapping[str, Any], payload: bytes | Mapping[str, Any], key: Callable[[bytes], bytes]) -> str:
    """A compact JWS of exactly this header and payload, right or wrong."""
    signed = f"{encode(header)}.{encode(payload)}"
    return f"{signed}.{encode(key(signed.encode()))}"


def signer(key: KeyFlexible, algorithm: str) -> Callable[[bytes], bytes]:
    """What makes the signature of a key over any bytes."""
    found = jws.JWSRegistry.algorithms[algorithm]
    return lambda message: found.sign(message, key)
