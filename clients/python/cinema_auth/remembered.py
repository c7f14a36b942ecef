"""Tokens that were found good, so that the signature of each is checked once."""

from hashlib import sha256

from cinema_auth.token import Verified


class Remembered:
    """The last ones, by their hashes: who reads the memory of the process finds no token here.

    Any number of threads use it at once. When it is full the older half goes.
    """

    def __init__(self, size: int) -> None:
        self._half = size // 2
        self._new: dict[bytes, Verified] = {}
        self._old: dict[bytes, Verified] = {}

    def get(self, token: str) -> Verified | None:
        digest = _digest(token)
        return self._new.get(digest) or self._old.get(digest)

    def put(self, token: str, verified: Verified) -> None:
        if len(self._new) >= self._half:
            self._old, self._new = self._new, {}
        if self._half:
            self._new[_digest(token)] = verified


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
