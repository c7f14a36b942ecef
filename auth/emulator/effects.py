"""Faults as values. Tests write them with the functions of `faults`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from emulator.names import Pairs
from emulator.reply import Reply

Signature = Literal[
    "RS256", "PS512", "RS1", "none", "HS256-pem", "HS256-der", "HS256-jwk", "HS256-padded", "unknown-key", "garbage"
]
"""How an ID token is signed. The HS256 kinds use the published RSA key as the shared
secret: as PEM, DER, JWK, or PEM behind white space."""


@dataclass(frozen=True, kw_only=True)
class Delay:
    """Wait before answering."""

    seconds: float


@dataclass(frozen=True, kw_only=True)
class Hang:
    """Wait until `Emulator.release()`."""


@dataclass(frozen=True, kw_only=True)
class Reset:
    """Cut the connection with a TCP reset; `handled`: do the work first, then lose the answer."""

    handled: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Answer this instead; `handled`: do the work first (a code is spent), then answer this."""

    reply: Reply
    handled: bool = False


@dataclass(frozen=True, kw_only=True)
class Merge:
    """Change fields of a successful JSON answer, nested objects included."""

    values: Mapping[str, Any]
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FlipErrorStatus:
    """Give errors that come with 200 the status 400, and the other way round."""


@dataclass(frozen=True, kw_only=True)
class Truncate:
    """Send only the first bytes of the body, as a complete answer."""

    keep: int


@dataclass(frozen=True, kw_only=True)
class SlowBody:
    """Send the body in pieces with a pause before each."""

    seconds: float
    piece: int


@dataclass(frozen=True, kw_only=True)
class HugeBody:
    """Send this many bytes; `chunked` hides the size, otherwise Content-Length announces it."""

    size: int
    chunked: bool


@dataclass(frozen=True, kw_only=True)
class AcceptUsedCode:
    """Take a code a second time."""


@dataclass(frozen=True, kw_only=True)
class IgnorePkce:
    """Do not compare the verifier with the challenge."""


@dataclass(frozen=True, kw_only=True)
class ForgeIdToken:
    """Change an ID token.

    Attributes:
        claims, remove: claims set and left out.
        at: claims set to so many seconds from now.
        header, remove_header: header fields set and left out.
        append: claims written once more behind the others: duplicate JSON keys.
        payload: text that replaces the whole payload before signing.
        token: text that replaces the whole token.
    """

    claims: Mapping[str, Any] = field(default_factory=dict)
    at: Mapping[str, int] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    header: Mapping[str, Any] = field(default_factory=dict)
    remove_header: tuple[str, ...] = ()
    signature: Signature = "RS256"
    append: tuple[tuple[str, Any], ...] = ()
    payload: bytes | None = None
    token: str | None = None


@dataclass(frozen=True, kw_only=True)
class AlterCallback:
    """Change the redirect back: `replace` and `remove` first, then `append` (duplicates)."""

    replace: Mapping[str, str] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    append: Pairs = ()
    repeat: tuple[str, ...] = ()


Effect = (
    Delay
    | Hang
    | Reset
    | Answer
    | Merge
    | FlipErrorStatus
    | Truncate
    | SlowBody
    | HugeBody
    | AcceptUsedCode
    | IgnorePkce
    | ForgeIdToken
    | AlterCallback
)
