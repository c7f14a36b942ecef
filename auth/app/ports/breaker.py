"""When to stop asking something that does not answer, and when to ask again."""

import random
from time import monotonic

FAILURES = 5
PAUSE_SECONDS = 0.5


class Breaker:
    """Opens after several failures in a row; then lets one caller a pause try, until one succeeds.

    The pauses are spread at random, so that many processes do not come back in the same moment.
    """

    def __init__(self, *, failures: int = FAILURES, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._allowed = failures
        self._pause = pause_seconds
        self._failures = 0
        self._next_try = 0.0

    def admit(self) -> bool:
        """Whether to ask. When it is open, one caller is sent ahead and the others are turned away."""
        if self._failures < self._allowed:
            return True
        now = monotonic()
        if now < self._next_try:
            return False
        self._next_try = now + self._pause * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load, guards nothing
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        if self._failures == self._allowed:
            self._next_try = monotonic() + self._pause
