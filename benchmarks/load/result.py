"""What a scenario found in one round, and the median of several rounds."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One round.

    Attributes:
        rate: requests a second that were answered as asked.
        p50, p99: milliseconds, as the caller sees them.
        cpu_us: what all workers together computed for one request, in microseconds.
        floor: requests a second of what the scenario cannot go below.
        notes: further figures by name, such as `p99_idle_ms`.
    """

    rate: float
    p50: float
    p99: float
    cpu_us: float | None = None
    floor: float | None = None
    notes: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Rounds:
    """All rounds of one scenario, ours or a peer's."""

    scenario: str
    about: str
    rounds: Sequence[Figures]

    def median(self, name: str) -> float | None:
        found = [value for figures in self.rounds if (value := getattr(figures, name)) is not None]
        return statistics.median(found) if found else None

    @property
    def notes(self) -> dict[str, float]:
        names = dict.fromkeys(name for figures in self.rounds for name in figures.notes)
        return {
            name: statistics.median(figures.notes[name] for figures in self.rounds if name in figures.notes)
            for name in names
        }


@dataclass(frozen=True, kw_only=True)
class PeerResult(Rounds):
    """A peer's; `scenario` is its name, and `about` what it does otherwise."""

    @property
    def times(self) -> float:
        """Our rate by the peer's; the median of the rounds, for both were measured a moment after each other."""
        return self.notes["ours_times"]


@dataclass(frozen=True, kw_only=True)
class Result(Rounds):
    """Ours, and what the peers made of the same work."""

    peers: Sequence[PeerResult] = ()

    @property
    def share(self) -> float | None:
        """Of the floor; the median of the shares, for both were measured a moment after each other."""
        shares = [figures.rate / figures.floor for figures in self.rounds if figures.floor]
        return statistics.median(shares) if shares else None
