"""Which sessions have ended of late, told to services that judge access tokens by themselves.

A reader comes again and again, in rounds of one page or more. An end is seen when its transaction commits, which is
after the moment that stands in it, and the clocks of several hosts differ: who only went forward would miss it. So each
round begins `OVERLAP` before the one before it did, and tells again what ended in that time.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.errors import InvalidInput, TemporarilyUnavailable
from app.ports.clock import Clock
from app.ports.conflicts import rerun_on_conflict
from app.ports.fresh import MAX_AGE, Fresh
from app.ports.storage import Storage
from app.sessions.model import SessionEnd
from app.sessions.repository import SessionsTransaction

# An access token lives fifteen minutes at most, whatever is set (`settings_rules.py`); verifiers may add a leeway of
# thirty seconds. Who has not asked for longer needs none of the older ends.
WINDOW = timedelta(minutes=16)
# A transaction that ends sessions waits for a connection and makes up to eight statements of 1.5 seconds
# (`storage/sql/postgresql.py`); clocks may differ by ten seconds (`tokens.LEEWAY_SECONDS`).
OVERLAP = timedelta(seconds=30)
PAGE = 5000
TAIL = OVERLAP * 2  # what is kept at hand for all who come each second
TAIL_MAX_AGE = timedelta(seconds=0.5)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CURSOR = re.compile(r"([0-9]{1,17})(?:\.([0-9]{1,17})\.([0-9a-f]{32}))?")


@dataclass(frozen=True, kw_only=True)
class Revocations:
    """One page.

    Attributes:
        more: whether the round goes on; then the next page is to be asked for at once.
    """

    items: Sequence[SessionEnd]
    cursor: str
    more: bool


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a reader is to go on.

    Attributes:
        next_round: where the round after this one begins; absent when this one begins here.
        after: of the ends in this very moment, only those of sessions with a greater id.
    """

    moment: datetime
    next_round: datetime | None = None
    after: UUID | None = None

    def is_before(self, end: SessionEnd) -> bool:
        if self.after is None or end.ended_at != self.moment:
            return end.ended_at >= self.moment
        return end.session_id > self.after


@dataclass(frozen=True, kw_only=True)
class _Tail:
    """The last ends as they were at a moment; not whole when there were too many."""

    read_at: datetime
    ends: Sequence[SessionEnd]

    def covers(self, moment: datetime) -> bool:
        return moment >= self.read_at - TAIL and len(self.ends) <= PAGE


class RevocationFeed:
    """Reads the ends. However many readers come, the database is asked twice a second, unless they come from afar."""

    def __init__(self, storage: Storage[SessionsTransaction], clock: Clock) -> None:
        self._storage, self._clock = storage, clock
        self._tail = Fresh(self._load_tail, clock, max_age=TAIL_MAX_AGE)
        self._failed_at: datetime | None = None

    async def after(self, cursor: str | None) -> Revocations:
        """The page that follows a cursor; without one, all of `WINDOW` begins.

        Raises:
            InvalidInput: the cursor is none of ours.
            TemporarilyUnavailable: the database is away.
        """
        now = self._clock.now()
        place = find_place(cursor, now)
        tail = await self._tail.get()
        if tail.covers(place.moment):
            return make_page(place, [each for each in tail.ends if place.is_before(each)], read_at=tail.read_at)
        return make_page(place, await self._read(place), read_at=now)

    async def _load_tail(self) -> _Tail:
        """One look for all who wait. A database that is away is asked once a second, not by each of them in turn."""
        now = self._clock.now()
        if self._failed_at is not None and abs(now - self._failed_at) < MAX_AGE:
            raise TemporarilyUnavailable
        try:
            ends = await self._read(Place(moment=now - TAIL))
        except TemporarilyUnavailable:
            self._failed_at = self._clock.now()
            raise
        self._failed_at = None
        return _Tail(read_at=now, ends=ends)

    @rerun_on_conflict
    async def _read(self, place: Place) -> Sequence[SessionEnd]:
        """One more than a page holds: whether another one follows."""
        async with self._storage.reading() as tx:
            return await tx.sessions.ends_since(place.moment, after=place.after, limit=PAGE + 1)


def find_place(cursor: str | None, now: datetime) -> Place:
    """Where a reader with this cursor goes on.

    All is told again to who was away for too long, and to whom a clock that was ahead has made wait for a moment that
    is still to come: meanwhile ends would pass unseen.

    Raises:
        InvalidInput: it is no cursor of this list.
    """
    beginning = Place(moment=now - WINDOW)
    if cursor is None:
        return beginning
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise InvalidInput("not a cursor of this list", pointer="/after")
    round_, moment, after = match.groups()
    next_round = _moment(round_)
    if next_round > now - OVERLAP / 2:
        return beginning
    place = Place(moment=next_round) if moment is None else _within(next_round, _moment(moment), UUID(hex=after))
    return place if place.moment >= beginning.moment else beginning


def make_page(place: Place, found: Sequence[SessionEnd], *, read_at: datetime) -> Revocations:
    """The page that begins at a place.

    Args:
        found: up to one end more than a page holds.
        read_at: a moment before the reading began.
    """
    next_round = place.next_round or read_at - OVERLAP
    shown, more = found[:PAGE], len(found) > PAGE
    cursor = str(_count(next_round))
    if more:
        cursor += f".{_count(shown[-1].ended_at)}.{shown[-1].session_id.hex}"
    return Revocations(items=shown, cursor=cursor, more=more)


def _within(next_round: datetime, moment: datetime, after: UUID) -> Place:
    return Place(moment=moment, next_round=next_round, after=after)


def _moment(microseconds: str) -> datetime:
    return _EPOCH + int(microseconds) * _MICROSECOND


def _count(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
