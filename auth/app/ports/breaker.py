"""When to stop asking something that does not answer, and when to ask again."""

import random
from collections.abc import Callable
from time import monotonic

FAILURES = 5
PAUSE_SECONDS = 0.5
QUIET_SECONDS = 10  # without a failure: the next one is the first of another outage
LONGEST_SECONDS = 3600


class Breaker:
    """Opens after several failures in a row; then lets one caller a pause try, until one succeeds.

    The pauses are spread at random, so that many processes do not come back in the same moment.

    Args:
        patience_seconds: how long a caller has waited when the failure is told.
        now: seconds. A clock that is set back ends the pause instead of prolonging it.
    """

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        pause_seconds: float = PAUSE_SECONDS,
        patience_seconds: float = 0,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._allowed = failures
        self._pause = pause_seconds
        self._patience = patience_seconds
        self._now = now
        self._failures = 0
        self._next_try = 0.0
        self._began_at = self._failed_at = float("-inf")

    def admit(self) -> bool:
        """Whether to ask. When it is open, one caller is sent ahead and the others are turned away."""
        if self._failures < self._allowed:
            return True
        if self.wait_seconds() > 0:
            return False
        self._next_try = self._now() + self._pause * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load, guards nothing
        return True

    def wait_seconds(self) -> float:
        """How long nobody is let through; 0 when whoever comes next is."""
        if self._failures < self._allowed:
            return 0
        left = self._next_try - self._now()
        return left if 0 < left <= 1.5 * self._pause else 0

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        now = self._now()
        if now - self._failed_at > QUIET_SECONDS:
            self._began_at = now - self._patience
        self._failed_at = now
        self._failures += 1
        if self._failures == self._allowed:
            self._next_try = now + self._pause

    def lost_seconds(self, *, within: float) -> float:
        """How long ago the outage began that has just ended, or goes on; 0 when there was none lately.

        Args:
            within: how long after its last failure an outage is lately.
        """
        now = self._now()
        return min(now - self._began_at, LONGEST_SECONDS) if now - self._failed_at <= within else 0
