"""Hashes of passwords: made, and compared. Each takes its time, by design: to be called in a thread for hashing."""

import unicodedata

from argon2 import PasswordHasher as Argon2
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.foreign_hashes import read_foreign_hash

SALT_BYTES, HASH_BYTES = 16, 32
ARGON2 = "$argon2"


class PasswordHashes:
    """argon2id; other kinds, which came with imported accounts, are compared alone.

    Args:
        memory_kib, time_cost, parallelism: RFC 9106's m, t and p.
    """

    def __init__(self, *, memory_kib: int, time_cost: int, parallelism: int) -> None:
        self._argon2 = Argon2(
            time_cost=time_cost,
            memory_cost=memory_kib,
            parallelism=parallelism,
            hash_len=HASH_BYTES,
            salt_len=SALT_BYTES,
        )
        self._decoy = self.make("a password that nobody has")

    def make(self, password: str) -> str:
        """Hash a password for storage."""
        return self._argon2.hash(normalise(password))

    def match(self, password_hash: str | None, password: str) -> bool:
        """Compare a password with a stored hash, or with a decoy of the same cost when there is none.

        A hash that was imported from another system costs what it did there, until it is renewed.
        """
        return self._matches(password_hash or self._decoy, password) and bool(password_hash)

    def need_renewal(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's, or by another system."""
        return not password_hash.startswith(ARGON2) or self._argon2.check_needs_rehash(password_hash)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            if password_hash.startswith(ARGON2):
                return self._matches_argon2(password_hash, password)
            foreign = read_foreign_hash(password_hash)
            return foreign is not None and foreign.matches(password.encode())  # as typed: so do the others take it
        except (UnicodeError, ValueError, MemoryError):  # nothing that can be hashed, or no usable hash at all
            return False

    def _matches_argon2(self, password_hash: str, password: str) -> bool:
        """Ours are of the normalised password; one that was imported is of the password as it was typed."""
        normalised, typed = normalise(password), password.encode()
        if self._verify(password_hash, normalised):
            return True
        return typed != normalised and self.need_renewal(password_hash) and self._verify(password_hash, typed)

    def _verify(self, password_hash: str, password: bytes) -> bool:
        try:
            return self._argon2.verify(password_hash, password)
        except (VerificationError, InvalidHashError):  # wrong, or no hash at all
            return False


def normalise(password: str) -> bytes:
    """NFKC (NIST SP 800-63B-4, section 3.1.1.2), nothing trimmed, folded or cut."""
    return unicodedata.normalize("NFKC", password).encode()
