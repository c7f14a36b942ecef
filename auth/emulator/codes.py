"""Authorization codes: short-lived, single-use, bound to all that was agreed on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from emulator.clock import Clock
from emulator.failures import Failure, Refused
from emulator.names import Provider

CODE_LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Code:
    """One authorization code with its bindings.

    `offline` asks Google for a refresh token, `forced` repeats its first consent (GO-4).
    """

    value: str
    provider: Provider
    client_id: str
    redirect_uri: str
    persona: str
    requested: tuple[str, ...]
    granted: tuple[str, ...]
    expires_at: datetime
    challenge: str | None = None
    challenge_method: str | None = None
    nonce: str | None = None
    device_id: str | None = None
    offline: bool = False
    forced: bool = False


class Codes:
    """The codes that were issued, spent ones included."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._codes: dict[str, Code] = {}
        self._spent: set[str] = set()

    def add(self, code: Code) -> None:
        """Remember a fresh code."""
        self._codes[code.value] = code

    def spend(self, value: str, *, provider: Provider, client_id: str, again: bool = False) -> Code:
        """Use a code up; nothing awaits in here, so of parallel callers one wins.

        A client that is not the code's owner cannot spend it.

        Args:
            again: accept a used code, as a faulty provider would.

        Raises:
            Refused: the code is unknown, of another client, used or expired.
        """
        code = self._codes.get(value)
        if code is None or code.provider != provider:
            raise Refused(Failure.UNKNOWN_CODE)
        if code.client_id != client_id:
            raise Refused(Failure.FOREIGN_CODE)
        if value in self._spent and not again:
            raise Refused(Failure.USED_CODE)
        self._spent.add(value)
        if self._clock.now() >= code.expires_at:
            raise Refused(Failure.EXPIRED_CODE)
        return code
