"""Password hashes that came with imported accounts: which are taken, what they may cost, and how they are compared.

They live until the first right sign-in, which makes one of ours of them (`login.py`).
"""

import hashlib
import hmac
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

import bcrypt
from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError

from app.errors import InvalidInput

# About a second of one core each, and no more memory than is handed out for a moment: whoever knows the address of such
# an account makes us pay this at each try.
MAX_MEMORY_KIB = 128 * 1024
MAX_ARGON2_KIB = 1024 * 1024  # memory times passes
MAX_ARGON2_LANES = 16
MAX_PBKDF2_ITERATIONS = {"sha256": 3_000_000, "sha512": 1_500_000}
MAX_BCRYPT_COST = 14
MIN_OUTPUT, MAX_OUTPUT = 16, 64  # bytes; a shorter one could be guessed
MAX_LENGTH = 512

BCRYPT_BYTES = 72  # bcrypt has never seen what comes after them

Digest = Literal["sha256", "sha512"]


class ForeignHash(Protocol):
    """A hash whose parameters have been read."""

    def find_excess(self) -> str | None:
        """Which parameter would cost too much."""
        ...

    def matches(self, password: bytes) -> bool:
        """Compare. Takes as long as its parameters say: to be called where nobody else waits."""
        ...


@dataclass(frozen=True, kw_only=True)
class Pbkdf2:
    """PBKDF2 with HMAC (RFC 8018): Django's, passlib's and Werkzeug's."""

    digest: Digest
    iterations: int
    salt: bytes
    expected: bytes = field(repr=False)

    def find_excess(self) -> str | None:
        limit = MAX_PBKDF2_ITERATIONS[self.digest]
        return f"more than {limit} iterations" if self.iterations > limit else None

    def matches(self, password: bytes) -> bool:
        made = hashlib.pbkdf2_hmac(self.digest, password, self.salt, self.iterations, len(self.expected))
        return hmac.compare_digest(made, self.expected)


@dataclass(frozen=True, kw_only=True)
class Scrypt:
    """scrypt (RFC 7914): passlib's and Werkzeug's. Attributes: n, r, p: cost, block size, lanes."""

    n: int
    r: int
    p: int
    salt: bytes
    expected: bytes = field(repr=False)

    @property
    def memory_kib(self) -> int:
        return self.n * self.r // 8

    def find_excess(self) -> str | None:
        if self.n < 2 or self.n & (self.n - 1):
            return "N is no power of two"
        if self.memory_kib * self.p > MAX_MEMORY_KIB:
            return f"N times r times p asks for more than {MAX_MEMORY_KIB // 1024} MiB"
        return None

    def matches(self, password: bytes) -> bool:
        limit = (self.memory_kib + self.p * self.r + 1024) * 1024
        made = hashlib.scrypt(
            password, salt=self.salt, n=self.n, r=self.r, p=self.p, maxmem=limit, dklen=len(self.expected)
        )
        return hmac.compare_digest(made, self.expected)


@dataclass(frozen=True, kw_only=True)
class Bcrypt:
    """bcrypt as everybody writes it; `$2y$` is PHP's name for `$2b$`."""

    cost: int
    text: str = field(repr=False)

    def find_excess(self) -> str | None:
        return None if 4 <= self.cost <= MAX_BCRYPT_COST else f"a cost below 4 or above {MAX_BCRYPT_COST}"

    def matches(self, password: bytes) -> bool:
        # The system that made the hash looked at 72 bytes, so no more can be asked for; our own hash will cover all of
        # them. A NUL is no such limit: bcrypt repeats the password with one behind it, so `abc` is `abc\0abc`.
        if b"\0" in password:
            return False
        try:
            return bcrypt.checkpw(password[:BCRYPT_BYTES], self.text.encode())
        except ValueError:  # no hash after all
            return False


def read_foreign_hash(text: str) -> ForeignHash | None:
    """Read a hash that is not argon2's; nothing, where the form is unknown."""
    if len(text) > MAX_LENGTH:
        return None
    for form, make in _FORMS:
        found = form.fullmatch(text)
        if found is None:
            continue
        try:
            made = make(found)
        except (NotBase64, ValueError):
            return None
        return made
    return None


def accept_hash(text: str, *, pointer: str = "/password_hash") -> str:
    """The form in which an imported hash is stored.

    Raises:
        InvalidInput: the form is unknown, or would cost too much at each sign-in. The hash is not repeated.
    """
    text = text.removeprefix("argon2").removeprefix("bcrypt$") if text.startswith(_DJANGO) else text
    excess = _find_argon2_excess(text) if text.startswith("$argon2") else _find_foreign_excess(text)
    if excess is not None:
        raise InvalidInput(excess, pointer=pointer)
    return text


def _find_foreign_excess(text: str) -> str | None:
    found = read_foreign_hash(text)
    if found is None:
        return "not a hash of argon2, bcrypt, PBKDF2 or scrypt in a known form"
    excess = found.find_excess()
    return f"too costly or unusable: {excess}" if excess else None


def _find_argon2_excess(text: str) -> str | None:
    try:
        given = extract_parameters(text)
    except (InvalidHashError, ValueError):
        given = None
    if given is None or len(text) > MAX_LENGTH or not MIN_OUTPUT <= given.hash_len <= MAX_OUTPUT or given.salt_len < 8:
        return "not a usable hash of argon2"
    if not 1 <= given.parallelism <= MAX_ARGON2_LANES or given.memory_cost < 8 * given.parallelism:
        return f"too costly or unusable: more than {MAX_ARGON2_LANES} lanes, or too little memory for them"
    if given.memory_cost > MAX_MEMORY_KIB or not 1 <= given.time_cost <= MAX_ARGON2_KIB // given.memory_cost:
        return f"too costly or unusable: more than {MAX_MEMORY_KIB} KiB, or too many passes"
    return None


def _decode(text: str) -> bytes:
    """Base64, with or without its padding; passlib writes `.` for `+`."""
    return b64decode(text.rstrip("=").replace(".", "+") + "=" * (-len(text.rstrip("=")) % 4), validate=True)


def _expect(output: bytes) -> bytes:
    if not MIN_OUTPUT <= len(output) <= MAX_OUTPUT:
        raise ValueError("no output of a usual length")
    return output


def _pbkdf2(decode_salt: Callable[[str], bytes], decode: Callable[[str], bytes]) -> "_Make":
    def make(found: re.Match[str]) -> ForeignHash:
        digest: Digest = "sha512" if found["digest"] == "sha512" else "sha256"
        salt, expected = decode_salt(found["salt"]), _expect(decode(found["output"]))
        if not int(found["iterations"]):
            raise ValueError("nothing was iterated")
        return Pbkdf2(digest=digest, iterations=int(found["iterations"]), salt=salt, expected=expected)

    return make


def _scrypt(decode_salt: Callable[[str], bytes], decode: Callable[[str], bytes]) -> "_Make":
    def make(found: re.Match[str]) -> ForeignHash:
        given = found.groupdict()
        n = 1 << int(given["ln"]) if "ln" in given else int(given["n"])
        r, p = int(given["r"]), int(given["p"])
        if not r or not p:
            raise ValueError("no blocks or no lanes")
        return Scrypt(n=n, r=r, p=p, salt=decode_salt(given["salt"]), expected=_expect(decode(given["output"])))

    return make


def _bcrypt(found: re.Match[str]) -> ForeignHash:
    return Bcrypt(cost=int(found["cost"]), text=found[0])


_Make = Callable[[re.Match[str]], ForeignHash]
_DJANGO = ("argon2$argon2", "bcrypt$$2")
_BASE64, _HEX, _SALT = "[A-Za-z0-9+/.]+=*", "[0-9a-f]+", "[^$]{1,128}"
_ITERATIONS = "(?P<iterations>[0-9]{1,9})"
_FORMS: tuple[tuple[re.Pattern[str], _Make], ...] = (
    (re.compile(r"\$2[aby]\$(?P<cost>[0-9]{2})\$[./A-Za-z0-9]{53}"), _bcrypt),
    (  # Django
        re.compile(rf"pbkdf2_(?P<digest>sha256)\${_ITERATIONS}\$(?P<salt>{_SALT})\$(?P<output>{_BASE64})"),
        _pbkdf2(str.encode, _decode),
    ),
    (  # passlib
        re.compile(rf"\$pbkdf2-(?P<digest>sha256|sha512)\${_ITERATIONS}\$(?P<salt>{_BASE64})\$(?P<output>{_BASE64})"),
        _pbkdf2(_decode, _decode),
    ),
    (  # Werkzeug
        re.compile(rf"pbkdf2:(?P<digest>sha256|sha512):{_ITERATIONS}\$(?P<salt>{_SALT})\$(?P<output>{_HEX})"),
        _pbkdf2(str.encode, bytes.fromhex),
    ),
    (  # passlib
        re.compile(
            r"\$scrypt\$ln=(?P<ln>[0-9]{1,2}),r=(?P<r>[0-9]{1,4}),p=(?P<p>[0-9]{1,4})"
            rf"\$(?P<salt>{_BASE64})\$(?P<output>{_BASE64})"
        ),
        _scrypt(_decode, _decode),
    ),
    (  # Werkzeug
        re.compile(
            r"scrypt:(?P<n>[0-9]{1,9}):(?P<r>[0-9]{1,4}):(?P<p>[0-9]{1,4})"
            rf"\$(?P<salt>{_SALT})\$(?P<output>{_HEX})"
        ),
        _scrypt(str.encode, bytes.fromhex),
    ),
)
