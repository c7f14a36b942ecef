"""What shall happen next: a queue of single turns before one standing instruction."""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Script(Generic[T]):
    """Instructions with a number of turns come first, in order; then the standing one."""

    def __init__(self) -> None:
        self._turns: deque[T] = deque()
        self._standing: T | None = None

    def add(self, item: T, *, times: int | None) -> None:
        """Plan `item` for the given number of turns, or for good (None)."""
        if times is None:
            self._standing = item
        else:
            self._turns.extend([item] * times)

    def take(self) -> T | None:
        """The instruction for this turn, or None when nothing was planned."""
        return self._turns.popleft() if self._turns else self._standing

    def clear(self) -> None:
        """Forget everything planned."""
        self._turns.clear()
        self._standing = None

    def planned(self) -> list[T]:
        """All that is planned, next first."""
        standing = [] if self._standing is None else [self._standing]
        return [*self._turns, *standing]
