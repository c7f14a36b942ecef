"""Many people at once, and the judge of every answer that they get."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import structlog

from app.tests.faults.installation import Installation
from app.tests.faults.ledger import Ledger, Person
from app.tests.faults.life import NO_HANG_SECONDS, Life
from app.tests.support.process import Process
from app.tests.support.viewer import Answer
from emulator.names import PROVIDERS

Deviation = Literal["refusals", "silence", "lost attempts"]

PATIENCE_SECONDS = 60
PACE_SECONDS = 0.02  # of looking whether enough has happened

log = structlog.get_logger(__name__)


@dataclass
class Crowd:
    """Everybody, and what they have seen.

    Attributes:
        wrong: answers that must never be given.
        allowed: what else is right at the moment: 503 with `Retry-After`, no answer at all, or 400 because a social
            sign-in that was on its way is not remembered.
        gives_up_seconds: after which people hang up.
        slowest: the longest wait for an answer, and for which.
    """

    installation: Installation
    services: Sequence[Process]
    ledger: Ledger = field(default_factory=Ledger)
    wrong: list[str] = field(default_factory=list)
    allowed: set[Deviation] = field(default_factory=set)
    gives_up_seconds: float = NO_HANG_SECONDS
    seen: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0, "")
    _successes: Counter[str] = field(default_factory=Counter)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @asynccontextmanager
    async def at_work(self, size: int = 6) -> AsyncIterator["Crowd"]:
        """Wait until each person has an account and a session; let them work until the block is left."""
        people = [*(self.ledger.join() for _ in range(size)), *(self.ledger.join(social) for social in PROVIDERS)]
        lives = [Life(self, person) for person in people]
        self._tasks = [asyncio.create_task(life.live()) for life in lives]
        try:
            await self._until(lambda: all(person.devices for person in people))
            yield self
            await self.everybody_succeeds()
        finally:
            for life in lives:
                life.stop.set()
            await asyncio.gather(*self._tasks)
        assert not self.wrong, self.wrong

    @asynccontextmanager
    async def trouble(self, *allowed: Deviation) -> AsyncIterator[None]:
        """Within the block not everything has to succeed; after it everything comes back, and nobody helps it."""
        self.allowed, self.slowest = {*allowed}, (0, "")
        already = self.seen.copy()
        yield
        during, slowest, healed = self.seen - already, self.slowest, time.monotonic()
        await self.everybody_succeeds()
        self.allowed = set()
        back = round(time.monotonic() - healed, 2)
        log.info("faults.figures", slowest=slowest, back_after_seconds=back, during=dict(during))

    async def everybody_succeeds(self, times: int = 3) -> None:
        """Wait until each person has succeeded so many times more."""
        before = self._successes.copy()
        people = [person.name for person in self.ledger.people]
        await self._until(lambda: all(self._successes[name] >= before[name] + times for name in people))

    async def acts(self, times: int = 60) -> None:
        """Wait until so many more requests are over, well or not."""
        enough = self.seen.total() + times
        await self._until(lambda: self.seen.total() >= enough)

    async def _until(self, condition: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not condition():
                    assert not self.wrong, self.wrong
                    assert not any(task.done() for task in self._tasks), "somebody has stopped"
                    await asyncio.sleep(PACE_SECONDS)
        except TimeoutError:
            raise AssertionError(f"never came; seen: {self.seen}, succeeded: {self._successes}") from None

    def succeeded(self, person: Person) -> None:
        self._successes[person.name] += 1

    def judge(self, what: str, answer: Answer, right: Collection[int], seconds: float) -> bool:
        """Whether the answer is what was wanted. If not, it has to be an honest refusal, and only in trouble."""
        self.seen[f"{what} {answer.status}"] += 1
        self.slowest = max(self.slowest, (round(seconds, 2), f"{what} {answer.status}"))
        if answer.status in right:
            return True
        honest = answer.status == 503 and answer.code is not None and "Retry-After" in answer.headers
        if not (honest and "refusals" in self.allowed):
            self.wrong.append(f"{what}: {answer.status} {answer.text}")
        return False

    def got_nothing(self, what: str, error: Exception) -> None:
        self.seen[f"{what} {type(error).__name__}"] += 1
        if "silence" not in self.allowed:
            self.wrong.append(f"{what}: {error!r}")
