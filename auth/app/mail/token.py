"""One-time tokens that travel by mail: only their hash is kept."""

import secrets
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, kw_only=True)
class NewMailToken:
    """A token and its hash; the token itself is only ever in the mail."""

    token: str = field(repr=False)
    token_hash: bytes = field(repr=False)


def new_mail_token() -> NewMailToken:
    token = secrets.token_urlsafe(32)
    return NewMailToken(token=token, token_hash=hash_mail_token(token))


def hash_mail_token(token: str) -> bytes:
    return sha256(token.encode()).digest()
