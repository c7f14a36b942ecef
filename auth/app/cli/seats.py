"""How many connections each worker has, in memory that all of them see."""

import mmap
from array import array
from typing import Self

ABSENT = 2**31 - 1  # more connections than anybody can have: no one gives way to who is not there
_BYTES = array("i").itemsize


class Seat:
    """The number of one worker, and a look at the numbers of the others. Who reads one may be late by a moment."""

    def __init__(self, counts: memoryview, number: int) -> None:
        self._counts = counts
        self._number = number
        self.leave()

    @classmethod
    def several(cls, count: int) -> list[Self]:
        """Make so many, for processes that are forked afterwards. A seat is one process's at a time."""
        counts = memoryview(mmap.mmap(-1, count * _BYTES)).cast("i")
        return [cls(counts, number) for number in range(count)]

    def tell(self, connections: int) -> None:
        self._counts[self._number] = connections

    def leave(self) -> None:
        """Nobody accepts any more who sat here."""
        self._counts[self._number] = ABSENT

    @property
    def room(self) -> int:
        """How many more to take before somebody else has fewer; none when somebody has already."""
        others = (count for number, count in enumerate(self._counts) if number != self._number)
        return min(others, default=ABSENT) - self._counts[self._number] + 1
