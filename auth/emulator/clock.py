"""The emulator's own time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


class Clock:
    """Real time plus an offset that tests set: codes and tokens age by it."""

    def __init__(self, source: Callable[[], datetime] = utc_now) -> None:
        self._source = source
        self.offset = timedelta()

    def now(self) -> datetime:
        """The shifted time."""
        return self._source() + self.offset

    def timestamp(self) -> int:
        """The shifted time in whole seconds, as JWT claims have it."""
        return int(self.now().timestamp())
