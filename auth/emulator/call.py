"""One request on its way through a provider."""

from dataclasses import dataclass
from typing import TypeVar

from emulator.failures import Failure, Refused
from emulator.names import Pairs
from emulator.received import Received
from emulator.wire import parse_pairs
from emulator.world import Effects, World

E = TypeVar("E")

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True)
class Call:
    """The request, the world it meets, and the faults chosen for it."""

    world: World
    received: Received
    effects: Effects = ()

    def effect(self, kind: type[E]) -> E | None:
        """The fault of a kind, if this request is to meet it."""
        return next((effect for effect in self.effects if isinstance(effect, kind)), None)

    def query(self) -> Pairs:
        """The query parameters."""
        return parse_pairs(self.received.query_string)

    def form(self) -> Pairs:
        """The form parameters; none when the body is of another type."""
        content_type = self.received.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if content_type != _FORM:
            return ()
        return parse_pairs(self.received.body.decode("utf-8", "surrogateescape"))


def single(pairs: Pairs) -> dict[str, str]:
    """The parameters as a mapping (RFC 6749, section 3.2: none may appear twice).

    Raises:
        Refused: a parameter is repeated.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused(Failure.MALFORMED_REQUEST)
    return found
