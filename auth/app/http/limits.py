"""Who may ask how often."""

import math
from dataclasses import dataclass
from hashlib import sha256

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from app.errors import TooManyRequests
from app.ports.clock import Clock


@dataclass(frozen=True)
class Limit:
    """A named rule, for example `Limit("login-account", "10/5minutes")`."""

    name: str
    rate: str

    @property
    def item(self) -> RateLimitItem:
        return parse(self.rate)


# Whole households and mobile networks share one IPv4 address, so limits per address are wide,
# and the narrow ones count per account or mailbox.
LOGIN_NETWORK = Limit("login-network", "100/minute")
LOGIN_ACCOUNT = Limit("login-account", "100/hour")
LOGIN_ACCOUNT_NETWORK = Limit("login-account-network", "10/5minutes")
REGISTER_NETWORK = Limit("register-network", "60/hour")
MAIL_ADDRESS = Limit("mail-address", "5/hour")
EMAIL_CHANGE_ACCOUNT = Limit("email-change-account", "5/hour")
EXPORT_ACCOUNT = Limit("export-account", "10/hour")
CONSENT_ACCOUNT = Limit("consent-account", "30/hour")
SOCIAL_START_NETWORK = Limit("social-start-network", "300/minute")
EXCHANGE_NETWORK = Limit("exchange-network", "1200/minute")
TOKEN_GUESS_NETWORK = Limit("token-guess-network", "60/minute")


class RateLimits:
    """Counts in a sliding window. Subjects are hashed: the store sees no address.

    Args:
        storage: what holds the counters.
        enabled: off for load tests, by `AUTH_RATE_LIMITS`.
    """

    def __init__(self, clock: Clock, storage: Storage, *, enabled: bool = True) -> None:
        self._clock = clock
        self._enabled = enabled
        self._limiter = SlidingWindowCounterRateLimiter(storage)

    async def hit(self, limit: Limit, *subject: str) -> bool:
        """Count one request; tell whether it is still within the limit."""
        return not self._enabled or await self._limiter.hit(limit.item, limit.name, _digest(subject))

    async def check(self, limit: Limit, *subject: str) -> None:
        """Count one request.

        Raises:
            TooManyRequests: it is one too many; says when the next is worth while.
        """
        if await self.hit(limit, *subject):
            return
        window = await self._limiter.get_window_stats(limit.item, limit.name, _digest(subject))
        wait = math.ceil(window.reset_time - self._clock.now().timestamp())
        raise TooManyRequests(retry_after=max(1, min(wait, limit.item.get_expiry())))


def _digest(subject: tuple[str, ...]) -> str:
    return sha256("\0".join(subject).encode()).hexdigest()
