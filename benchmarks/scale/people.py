"""The people who are made: what belongs to the one with number n follows from n, in SQL and here.

So tokens can be made for people at random without a look at the tables, which would bring into memory just what
is to be measured. Ids are of version 7: the first 48 bits are milliseconds, and they ascend with n.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

ENTRIES = 3  # of login history, of each
ACCOUNTS_FOR = timedelta(days=3 * 365)  # the oldest account has been there
SESSIONS_FOR = timedelta(days=12)  # an unused refresh token lives for 14
HISTORY_FOR = timedelta(days=365)
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """So many accounts with one session each.

    Attributes:
        now: the moment at which they were made, in milliseconds since 1970.
    """

    size: int
    now: int

    def email(self, number: int) -> str:
        return f"viewer{number}@cinema.example"

    def user_id(self, number: int) -> UUID:
        return _make_id("user", number, self._ascending(number, ACCOUNTS_FOR))

    def session_id(self, number: int) -> UUID:
        return _make_id("session", number, self._ascending(number, SESSIONS_FOR))

    def _ascending(self, number: int, span: timedelta) -> int:
        first, step = self._first_and_step(span)
        return first + number * step

    def _first_and_step(self, span: timedelta) -> tuple[int, int]:
        step = span // MILLISECOND // self.size
        return self.now - self.size * step, step

    def milliseconds_in_sql(self, span: timedelta) -> str:
        """`_ascending` as an expression over `n`."""
        first, step = self._first_and_step(span)
        return f"({first} + n * {step})"


def _make_id(kind: str, number: int, milliseconds: int) -> UUID:
    digest = hashlib.md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest()
    return UUID(f"{milliseconds:012x}7{digest[:3]}8{digest[3:18]}")


def id_in_sql(kind: str, milliseconds: str) -> str:
    """`_make_id` as an expression over `n`."""
    digest = f"md5('{kind}' || n)"
    return (
        f"(lpad(to_hex({milliseconds}), 12, '0') || '7' || substr({digest}, 1, 3)"
        f" || '8' || substr({digest}, 4, 15))::uuid"
    )
