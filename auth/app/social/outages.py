"""Whether a provider answers, as sign-ins of late have shown."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from app.ports.breaker import Breaker
from app.social.errors import ProviderUnavailable

FAILURES = 5
PAUSE_SECONDS = 10


class Outages:
    """Keeps people from leaving for a provider that does not answer; whoever comes back is served in any case.

    Only what our own requests meet counts, and only silence: neither what a browser says on the way back nor a
    refused code can take a provider from everybody.
    """

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Around requests to the provider: notes when nobody answers."""
        try:
            yield
        except ProviderUnavailable:
            self._breaker.failed()
            raise

    def is_over(self) -> bool:
        """Whether whoever leaves now may come back signed in."""
        return self._breaker.wait_seconds() == 0

    def end(self) -> None:
        """Somebody has been identified from beginning to end: all that is needed answers."""
        self._breaker.succeeded()

    def check(self) -> None:
        """Let somebody leave; of many while the provider is away, one a pause to see whether it is back.

        Raises:
            ProviderUnavailable: says when somebody is let through again.
        """
        if not self._breaker.admit():
            raise ProviderUnavailable(retry_after=max(1, math.ceil(self._breaker.wait_seconds())))
