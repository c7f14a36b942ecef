"""Signing keys of the providers that sign: Google publishes its keys, VK ID does not."""

import secrets
from functools import cache
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from joserfc.jwk import RSAKey

_RSA_BITS = 2048


@cache
def _generated(number: int) -> "RSAKey":
    """The process's n-th key. Shared, because a key costs a tenth of a second to make."""
    # Imported at first use: an emulator that signs nothing starts faster.
    from joserfc.jwk import RSAKey  # noqa: PLC0415

    return RSAKey.generate_key(_RSA_BITS)


class SigningKey:
    """An RSA key under a key id of its own."""

    def __init__(self, number: int) -> None:
        self.kid = secrets.token_hex(20)
        self._number = number

    @property
    def key(self) -> "RSAKey":
        """The key pair, made at first use."""
        return _generated(self._number)

    @property
    def private(self) -> "RSAPrivateKey":
        """The private half."""
        private = self.key.private_key
        if private is None:
            raise TypeError("a generated key has a private half")
        return private

    def public_jwk(self) -> dict[str, object]:
        """The public half as it stands in a JWK set."""
        return {**self.key.as_dict(private=False), "kid": self.kid, "use": "sig", "alg": "RS256"}


class Keyring:
    """Google's keys: the first of two signs (GO-1)."""

    def __init__(self) -> None:
        self._numbers = count()
        self.unpublished = SigningKey(next(self._numbers))
        self._published = self._pair()

    def _pair(self) -> list[SigningKey]:
        return [SigningKey(next(self._numbers)), SigningKey(next(self._numbers))]

    @property
    def signing(self) -> SigningKey:
        """The key of the tokens that are issued now."""
        return self._published[0]

    def published(self) -> list[SigningKey]:
        """The keys in the JWK set."""
        return list(self._published)

    def rotate(self) -> None:
        """Replace both keys: tokens are then signed by one that nobody has cached."""
        self._published = self._pair()
