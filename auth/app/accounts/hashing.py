"""Hashes and compares passwords, in a process that does nothing else; `passwords.py` starts it and speaks with it.

Argon2 asks for its memory anew at each hash. In the process that serves, the system would hold up whatever else wants
memory meanwhile, and Python whatever else computes.
"""

import json
import os
import re
import secrets
import signal
import sys
import timeit
import unicodedata
from base64 import b64encode
from contextlib import suppress
from typing import Any

import nacl.exceptions
from argon2 import Parameters, Type
from argon2 import PasswordHasher as Argon2
from argon2.exceptions import HashingError, InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION
from nacl.pwhash import argon2id

from app.accounts.foreign_hashes import read_foreign_hash

NICENESS = 10
TRIED_MEMORY_KIB = 2048  # enough to tell which library is faster, and over in ten milliseconds
ARGON2 = "$argon2"
# What libsodium knows.
_ONE_LANE = re.compile(r"\$argon2id\$v=19\$m=[0-9]+,t=[0-9]+,p=1\$[A-Za-z0-9+/$]{1,90}")


def argon2id_of(*, memory_kib: int, time_cost: int, parallelism: int) -> Parameters:
    """What a hash of ours is made with: RFC 9106's m, t and p, 16 bytes of salt, 32 of output."""
    return Parameters(
        type=Type.ID,
        version=ARGON2_VERSION,
        salt_len=16,
        hash_len=32,
        time_cost=time_cost,
        memory_cost=memory_kib,
        parallelism=parallelism,
    )


class Hashes:
    """Makes hashes of one kind, and compares with any that an account may have been imported with.

    Args:
        parameters: see `argon2id_of`.
        by_libsodium: where it can, which is with one lane; else by the package of argon2. The hashes are the same.
    """

    def __init__(self, parameters: Parameters, *, by_libsodium: bool) -> None:
        self._parameters = parameters
        self._argon2 = Argon2.from_parameters(parameters)
        self._by_libsodium = by_libsodium
        self._decoy = _decoy(parameters)

    def hash(self, password: str) -> str:
        """Hash for storage."""
        given = self._parameters
        if self._by_libsodium and given.parallelism == 1:
            return argon2id.str(normalise(password), given.time_cost, given.memory_cost * 1024).decode()
        return self._argon2.hash(normalise(password))

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Compare; without a hash with one that nobody has the password of, at the same cost."""
        stored = password_hash or self._decoy
        try:
            if stored.startswith(ARGON2):
                return self._matches_either(stored, password)
            foreign = read_foreign_hash(stored)
            return foreign is not None and foreign.matches(password.encode())  # as typed: so do the others take it
        except (UnicodeError, ValueError):  # nothing that can be hashed, or no usable hash at all
            return False

    def _matches_either(self, password_hash: str, password: str) -> bool:
        """Ours are of the normalised password; one that was imported is of the password as it was typed."""
        normalised, typed = normalise(password), password.encode()
        if self._matches_argon2(password_hash, normalised):
            return True
        return (
            typed != normalised
            and self._argon2.check_needs_rehash(password_hash)
            and self._matches_argon2(password_hash, typed)
        )

    def _matches_argon2(self, password_hash: str, password: bytes) -> bool:
        try:
            if self._by_libsodium and _ONE_LANE.fullmatch(password_hash):
                return argon2id.verify(password_hash.encode(), password)
            return self._argon2.verify(password_hash, password)
        except (nacl.exceptions.CryptoError, VerificationError, InvalidHashError):  # wrong, or no hash at all
            return False


def normalise(password: str) -> bytes:
    """NFKC (NIST SP 800-63B-4, section 3.1.1.2), nothing trimmed, folded or cut."""
    return unicodedata.normalize("NFKC", password).encode()


def answer(hashes: Hashes, request: dict[str, Any]) -> str | bool | None:
    """A new hash, or whether one matches; nothing, where a password cannot be hashed, mostly for want of memory."""
    try:
        if "hash" in request:
            return hashes.matches(request["hash"], request["password"])
        return hashes.hash(request["password"])
    except (MemoryError, nacl.exceptions.CryptoError, HashingError, UnicodeError):
        return None


def main() -> None:
    """Answer lines of JSON with lines of JSON, in their order, until whoever asks has ended.

    The arguments are RFC 9106's m in KiB, t and p.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it is for the process that serves, which may still have to answer
    with suppress(OSError):  # not every container may; hashing then merely competes as an equal
        os.nice(NICENESS)
    memory_kib, time_cost, parallelism = map(int, sys.argv[1:])
    parameters = argon2id_of(memory_kib=memory_kib, time_cost=time_cost, parallelism=parallelism)
    hashes = Hashes(parameters, by_libsodium=libsodium_is_faster(time_cost))
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps(answer(hashes, json.loads(line))) + "\n")
        sys.stdout.flush()


def libsodium_is_faster(time_cost: int) -> bool:
    """Try both: it depends on the processor, on how each was built, and on the pages that the system hands out.

    libsodium chooses AVX2 or AVX-512 at run time; the package of argon2, as it comes, uses SSE2, but needs no fresh
    memory for each hash, which costs as much as a pass.
    """
    return _seconds(time_cost, by_libsodium=True) < _seconds(time_cost, by_libsodium=False)


def _seconds(time_cost: int, *, by_libsodium: bool) -> float:
    tried = argon2id_of(memory_kib=TRIED_MEMORY_KIB, time_cost=time_cost, parallelism=1)
    hashes = Hashes(tried, by_libsodium=by_libsodium)
    return min(timeit.repeat(lambda: hashes.hash(""), number=1, repeat=3))


def _decoy(given: Parameters) -> str:
    """A hash of nothing that anybody could type."""
    salt, output = (
        b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (given.salt_len, given.hash_len)
    )
    cost = f"m={given.memory_cost},t={given.time_cost},p={given.parallelism}"
    return f"$argon2id$v={given.version}${cost}${salt}${output}"


if __name__ == "__main__":
    main()
