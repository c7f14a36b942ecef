"""What is remembered of ended sessions, and the feed that tells of them."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cinema_auth.errors import Unavailable
from cinema_auth.jws import MAX_KEY_ID
from cinema_auth.keys import MAX_KEYS

MAX_BYTES = 4 * 1024 * 1024
MAX_CURSOR = 512
# Fifteen minutes of the longest life of a token, thirty seconds of the largest leeway, and clocks that differ.
KEPT_SECONDS = 16 * 60.0


class Revoked:
    """Sessions that have ended. Forgets each when all of its tokens have expired, and not much later.

    One thread adds, any number of them ask. An entry costs about 90 bytes.
    """

    def __init__(self) -> None:
        self._new: set[bytes] = set()
        self._old: set[bytes] = set()
        self._turned_at = 0.0

    def __contains__(self, session_id: UUID) -> bool:
        return session_id.bytes in self._new or session_id.bytes in self._old

    def __len__(self) -> int:
        return len(self._new | self._old)

    def add(self, session_ids: list[bytes], now: float) -> None:
        if now - self._turned_at >= KEPT_SECONDS:
            self._old = self._new  # in this order: who asks in between finds everything in one of the two
            self._new = set()
            self._turned_at = now
        self._new.update(session_ids)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One answer of `GET /revocations`."""

    session_ids: list[bytes]
    cursor: str
    more: bool
    key_ids: frozenset[str]


def parse_page(raw: bytes) -> Page:
    """Read an answer.

    Raises:
        Unavailable: it is none.
    """
    try:
        return _parse(json.loads(raw))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Unavailable("the feed cannot be read") from error


def _parse(page: Any) -> Page:
    key_ids, cursor, more = page["key_ids"], page["cursor"], page["more"]
    names_are_short = all(isinstance(each, str) and len(each) <= MAX_KEY_ID for each in key_ids)
    if not isinstance(key_ids, list) or not 0 < len(key_ids) <= MAX_KEYS or not names_are_short:
        raise ValueError("no key ids")
    if not isinstance(cursor, str) or not 0 < len(cursor) <= MAX_CURSOR or not isinstance(more, bool):
        raise ValueError("no cursor")
    session_ids = [UUID(each["sid"]).bytes for each in page["items"]]
    return Page(session_ids=session_ids, cursor=cursor, more=more, key_ids=frozenset(key_ids))
