"""Hand a finished sign-in over to a front end: a one-time code in the address, tokens only in an answer."""

import hmac
import re
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256

import msgspec

from app.ports.ephemeral import Ephemeral
from app.sessions.restore import find_state
from app.sessions.services import SessionServices
from app.sessions.tokens import TokenPair, issue
from app.social import pending_link
from app.social.errors import AccountExists, HandOverCodeInvalid
from app.social.model import Collision, FinishedSignIn, HandOver
from app.social.oauth2 import code_challenge
from app.social.services import SocialServices

HAND_OVER_TTL = timedelta(seconds=60)
_CODE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636, section 4.1


@dataclass(frozen=True, kw_only=True)
class HandedOver:
    """The pair, at last, and whether the account was made by this sign-in."""

    pair: TokenPair
    is_new_account: bool


async def put(ephemeral: Ephemeral, hand_over: HandOver) -> str:
    """Keep a finished sign-in for a minute; give the code that fetches it."""
    code = secrets.token_urlsafe(32)
    await ephemeral.put(_key(code), msgspec.json.encode(hand_over), ttl=HAND_OVER_TTL)
    return code


async def exchange(services: SocialServices, *, code: str, code_verifier: str) -> HandedOver:
    """Trade the code for the pair: once, by whoever holds the verifier.

    Raises:
        HandOverCodeInvalid: unknown, used or expired code, or another verifier; the code is gone then too.
        AccountExists: the sign-in met an account that has to be asked first; with all that it takes to do so.
    """
    if not _CODE.fullmatch(code) or not is_code_verifier(code_verifier):
        raise HandOverCodeInvalid
    stored = await services.ephemeral.take(_key(code))
    if stored is None:
        raise HandOverCodeInvalid
    hand_over = msgspec.json.decode(stored, type=HandOver)
    if not is_verifier_of(code_verifier, hand_over.code_challenge):
        raise HandOverCodeInvalid
    if hand_over.collision is not None:
        raise await describe_collision(services, hand_over.collision)
    if hand_over.finished is None:
        raise HandOverCodeInvalid
    return await _fetch(services.sessions, hand_over.finished)


async def _fetch(sessions: SessionServices, finished: FinishedSignIn) -> HandedOver:
    state = await find_state(sessions, finished.user_id, finished.session_id)
    if state is None or state.ended:
        raise HandOverCodeInvalid
    pair = issue(state, ring=await sessions.keys.current(), policy=sessions.policy)
    waited = int((sessions.clock.now() - state.rotated_at).total_seconds())  # the tokens have aged meanwhile
    pair = replace(
        pair,
        expires_in=max(0, pair.expires_in - waited),
        refresh_expires_in=max(0, pair.refresh_expires_in - waited),
    )
    return HandedOver(pair=pair, is_new_account=finished.is_new_account)


async def describe_collision(services: SocialServices, collision: Collision) -> AccountExists:
    """The problem, with a link token: for an answer that nobody but the asking program reads."""
    return AccountExists(await pending_link.put(services, collision.pending), collision.ways)


def is_verifier_of(code_verifier: str, challenge: str) -> bool:
    """Whether a verifier has the proper form and belongs to an S256 challenge (RFC 7636, section 4.6)."""
    if not is_code_verifier(code_verifier):
        return False
    return hmac.compare_digest(code_challenge(code_verifier), challenge)


def is_code_verifier(value: str) -> bool:
    """Whether a value has the form of a verifier (RFC 7636, section 4.1)."""
    return _VERIFIER.fullmatch(value) is not None


def is_code_challenge(value: str | None) -> bool:
    """Whether a value has the form of an S256 challenge (RFC 7636, section 4.2)."""
    return value is not None and _CODE.fullmatch(value) is not None


def _key(code: str) -> str:
    return "hand-over:" + sha256(code.encode()).hexdigest()
