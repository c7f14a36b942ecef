"""What the Auth service says: its keys, and which sessions have ended. Asks, remembers, and tells how old that is."""

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from cinema_auth import keys as key_sets
from cinema_auth import revoked as feed
from cinema_auth.errors import Unavailable
from cinema_auth.jws import Key
from cinema_auth.keys import NO_KEYS, max_age, parse_key_set
from cinema_auth.revoked import Revoked, parse_page
from cinema_auth.transport import Refused, Transport, basic

BASE_PATH = "/auth/api/v1"
KEYS_PATH = f"{BASE_PATH}/.well-known/jwks.json"
FEED_PATH = f"{BASE_PATH}/revocations"
UNKNOWN_KEY_PAUSE = 30.0  # anybody can send a token that names a key of their fancy
CHANGED_KEYS_PAUSE = 2.0  # of two answers, one may be of a process that is a second behind
KEYS_KEPT = 24 * 3600.0  # while the Auth service is away
MAX_PAGES = 400  # in one go: two million ends; the rest comes with the next


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where to ask, and as whom."""

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)
    timeout_seconds: float
    ssl_context: ssl.SSLContext | None


class Source:
    """Any number of threads read; one at a time asks.

    Attributes:
        revoked: the sessions that have ended.
    """

    def __init__(self, address: Address, monotonic: Callable[[], float]) -> None:
        self.revoked = Revoked()
        self._monotonic = monotonic
        self._authorization = basic(address.client_id, address.client_secret)
        self._transport = Transport(
            address.base_url, timeout_seconds=address.timeout_seconds, ssl_context=address.ssl_context
        )
        self._asking = threading.Lock()
        self._keys = NO_KEYS
        self._keys_read_at: float | None = None
        self._keys_asked_at = float("-inf")
        self._keys_last_for = 0.0
        self._key_is_missed = False
        self._cursor: str | None = None
        self._heard_at: float | None = None

    @property
    def revocations_age(self) -> float | None:
        """Seconds since all ends were known; `None` before the first time."""
        return None if self._heard_at is None else max(0.0, self._monotonic() - self._heard_at)

    @property
    def has_keys(self) -> bool:
        return self._keys_read_at is not None and self._monotonic() - self._keys_read_at < KEYS_KEPT

    def find_key(self, key_id: str) -> Key | None:
        """The key of this name that counts now."""
        return self._keys.usable.get(key_id)

    def miss_key(self) -> bool:
        """Note that an unknown key was named; give whether it is worth asking for."""
        self._key_is_missed = True
        return self._monotonic() - self._keys_asked_at >= UNKNOWN_KEY_PAUSE

    def refresh(self) -> None:
        """Ask for what is due.

        Raises:
            Unavailable: something could not be had; what was known before stays known.
        """
        with self._asking:
            failures = [failure for ask in (self._ask_keys_if_due, self._ask_feed) if (failure := _try(ask))]
        if failures:
            raise failures[0]

    def after_fork(self) -> None:
        """Share neither a lock nor a connection with the parent."""
        self._asking = threading.Lock()
        self._transport.forget()

    def close(self) -> None:
        with self._asking:
            self._transport.close()

    def _ask_keys_if_due(self) -> None:
        now = self._monotonic()
        is_old = self._keys_read_at is None or now - self._keys_read_at >= self._keys_last_for
        if is_old or (self._key_is_missed and now - self._keys_asked_at >= UNKNOWN_KEY_PAUSE):
            self._ask_keys()

    def _ask_keys(self) -> None:
        self._keys_asked_at = asked_at = self._monotonic()
        self._key_is_missed = False
        answer = self._transport.get(KEYS_PATH, max_bytes=key_sets.MAX_BYTES)
        self._keys = parse_key_set(answer.body, self._keys)
        self._keys_read_at, self._keys_last_for = asked_at, max_age(answer.cache_control)

    def _ask_feed(self) -> None:
        asked_at = self._monotonic()
        for _ in range(MAX_PAGES):
            page = parse_page(self._read_feed())
            self.revoked.add(page.session_ids, asked_at)
            self._cursor = page.cursor
            if not page.more:
                self._heard_at = asked_at
                self._follow_keys(page.key_ids)
                return
        raise Unavailable("more has ended than could be read at once")

    def _read_feed(self) -> bytes:
        path = FEED_PATH if self._cursor is None else f"{FEED_PATH}?after={quote(self._cursor, safe='')}"
        try:
            return self._transport.get(path, max_bytes=feed.MAX_BYTES, authorization=self._authorization).body
        except Refused as refusal:
            if 400 <= refusal.status < 500 and refusal.status not in {401, 403, 429}:
                self._cursor = None  # no cursor of this service any more: everything is told again
            raise

    def _follow_keys(self, key_ids: frozenset[str]) -> None:
        """A key that was withdrawn counts no more from now on; a new one is asked for."""
        if not self._keys.key_ids <= key_ids:
            self._keys = self._keys.only(key_ids)
        if self._keys.key_ids != key_ids and self._monotonic() - self._keys_asked_at >= CHANGED_KEYS_PAUSE:
            self._ask_keys()


def _try(ask: Callable[[], None]) -> Unavailable | None:
    try:
        ask()
    except Unavailable as failure:
        return failure
    return None
