"""A login attempt: made when the browser leaves, taken once when it returns."""

import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

import msgspec

from app.ports.ephemeral import Ephemeral
from app.social.errors import LoginStateInvalid
from app.social.model import Linking, LoginAttempt

ATTEMPT_TTL = timedelta(minutes=10)
_STATE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, kw_only=True)
class StartedAttempt:
    """What leaves the house: the state in the address, the browser key in a cookie."""

    attempt: LoginAttempt
    state: str = field(repr=False)
    browser_key: str = field(repr=False)


async def begin(
    ephemeral: Ephemeral,
    *,
    social: str,
    locale: str,
    return_to: str | None,
    code_challenge: str | None,
    linking: Linking | None = None,
) -> StartedAttempt:
    """Make a fresh attempt: four independent secrets of 256 bits, kept for ten minutes."""
    state, browser_key = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    attempt = LoginAttempt(
        social=social,
        code_verifier=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        browser_key_hash=_hash(browser_key),
        locale=locale,
        return_to=return_to,
        code_challenge=code_challenge,
        linking=linking,
    )
    await ephemeral.put(_key(state), msgspec.json.encode(attempt), ttl=ATTEMPT_TTL)
    return StartedAttempt(attempt=attempt, state=state, browser_key=browser_key)


async def take(ephemeral: Ephemeral, *, state: str, social: str, browser_key: str | None) -> LoginAttempt:
    """Use up the attempt that a state names; whatever happens then, it cannot be used again.

    Raises:
        LoginStateInvalid: no such attempt, or it began in another browser or at another provider.
    """
    if not _STATE.fullmatch(state):
        raise LoginStateInvalid
    stored = await ephemeral.take(_key(state))
    if stored is None:
        raise LoginStateInvalid
    attempt = msgspec.json.decode(stored, type=LoginAttempt)
    same_browser = is_browser_key(browser_key or "", attempt.browser_key_hash) or not attempt.is_bound_by_cookie
    if not same_browser or attempt.social != social:
        raise LoginStateInvalid
    return attempt


def is_browser_key(value: str, key_hash: str) -> bool:
    """Whether a cookie's value is the secret that an attempt began with."""
    return hmac.compare_digest(_hash(value), key_hash)


def cookie_suffix(state: str) -> str:
    """What tells the cookies of several attempts of one browser apart; says nothing about the state."""
    return sha256(b"cookie:" + state.encode()).hexdigest()[:16]


def _key(state: str) -> str:
    return "login-attempt:" + _hash(state)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
