"""The keys that sign our tokens, and which of them counts when. Pure: loading is `keyring.py`'s."""

import json
import secrets
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Any

from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey, import_key
from joserfc.jws import JWSRegistry

from app.sessions.jws import TokenInvalid, decode_part, encode_part

RSA_BITS = 3072


class KeyUse(Enum):
    """Access tokens are verified by everybody, refresh tokens by this service alone."""

    ACCESS = "access"
    REFRESH = "refresh"


TOKEN_TYPES = {KeyUse.ACCESS: "at+jwt", KeyUse.REFRESH: "rt+jwt"}  # the former: RFC 9068, section 2.1


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """One key and its life: published at once, signing from `activates_at`, gone after `retires_at`.

    Attributes:
        private_jwk: the whole JWK (RFC 7517) as JSON; never logged, never shown.
        retires_at: when tokens that it signed stop being accepted; absent for the newest key.
    """

    key_id: str
    use: KeyUse
    algorithm: str
    private_jwk: str = field(repr=False)
    activates_at: datetime
    retires_at: datetime | None = None

    @cached_property
    def key(self) -> OctKey | OKPKey | RSAKey | ECKey:
        return import_key(json.loads(self.private_jwk))

    @cached_property
    def header(self) -> str:
        """The header of every token of this key, as it stands there: another spelling is none of ours."""
        members = {"alg": self.algorithm, "kid": self.key_id, "typ": TOKEN_TYPES[self.use]}
        return encode_part(json.dumps(members, separators=(",", ":")).encode())

    def sign(self, payload: bytes) -> str:
        """A compact JWS; of the same payload always the same."""
        signed = f"{self.header}.{encode_part(payload)}"
        signature = JWSRegistry.algorithms[self.algorithm].sign(signed.encode(), self.key)
        return f"{signed}.{encode_part(signature)}"

    def verify(self, token: str) -> bytes:
        """The payload of a token that this key has signed.

        Raises:
            TokenInvalid: it has not.
        """
        signed, _, signature = token.rpartition(".")
        header, _, payload = signed.partition(".")
        algorithm = JWSRegistry.algorithms[self.algorithm]
        # What is signed was spelt by us; of the signature itself only one spelling is taken.
        if header != self.header or not algorithm.verify(signed.encode(), decode_part(signature), self.key):
            raise TokenInvalid
        return urlsafe_b64decode(payload + "==")

    @property
    def public_jwk(self) -> dict[str, Any]:
        """What `/.well-known/jwks.json` shows: public members only."""
        if self.use is not KeyUse.ACCESS:
            raise ValueError("a symmetric key has no public part")
        return {**self.key.as_dict(private=False), "kid": self.key_id, "alg": self.algorithm, "use": "sig"}

    def verifies_at(self, moment: datetime) -> bool:
        return self.retires_at is None or moment < self.retires_at


def generate_key(use: KeyUse, algorithm: str, *, activates_at: datetime) -> SigningKey:
    """Make a fresh key of at least 128 bits of strength (RFC 8725, section 3.5)."""
    key: OctKey | OKPKey | RSAKey
    match algorithm:
        case "EdDSA":
            key = OKPKey.generate_key("Ed25519")
        case "RS256":
            key = RSAKey.generate_key(RSA_BITS)
        case "HS256":
            key = OctKey.generate_key(256)
        case _:
            raise ValueError(f"no such algorithm here: {algorithm}")
    jwk = json.dumps(key.as_dict(private=True))
    return SigningKey(
        key_id=secrets.token_urlsafe(9), use=use, algorithm=algorithm, private_jwk=jwk, activates_at=activates_at
    )


@dataclass(frozen=True)
class KeyRing:
    """All keys of the service, newest last."""

    keys: tuple[SigningKey, ...]

    def signing_key(self, use: KeyUse, at: datetime) -> SigningKey:
        """The key that signs at a moment: the one activated last.

        A pure function of the moment, so that a refresh repeated inside the reuse window is signed
        by the same key even if another has become active in between.
        """
        usable = [key for key in self.keys if key.use is use and key.verifies_at(at)]
        active = [key for key in usable if key.activates_at <= at] or usable[:1]
        if not active:
            raise LookupError(f"no {use.value} key")
        return max(active, key=lambda key: key.activates_at)

    def find(self, use: KeyUse, token: str, at: datetime) -> SigningKey | None:
        """The key that a token names in its header; whether it has signed is to be seen."""
        header, _, _ = token.partition(".")
        for key in self.keys:
            if key.header == header and key.use is use and key.verifies_at(at):
                return key
        return None

    def jwks(self, at: datetime) -> dict[str, list[dict[str, Any]]]:
        """The public key set (RFC 7517, section 5): what verifies now, and what is about to sign."""
        return {"keys": [key.public_jwk for key in self.shown(at)]}

    def shown(self, at: datetime) -> list[SigningKey]:
        """The keys of that set."""
        return [key for key in self.keys if key.use is KeyUse.ACCESS and key.verifies_at(at)]
