"""Wait for the database and Redis: they may start at the same moment, in no certain order."""

import asyncio
from collections.abc import Callable, Collection
from time import monotonic

from app.bootstrap import open_probes
from app.errors import TemporarilyUnavailable
from app.http.health import Probe
from app.settings import Settings

PATIENCE_SECONDS = 60
PACE_SECONDS = 0.5

Tell = Callable[[str, str], object]
"""Called with what is waited for and why, each time that the reason is another."""


class StoreAway(Exception):
    """A server that holds our data does not answer. The message says which, and why."""


async def wait_for_stores(
    settings: Settings,
    tell: Tell,
    *,
    needed: Collection[str] = ("database", "redis"),
    patience_seconds: float = PATIENCE_SECONDS,
) -> None:
    """Return when every server that is needed, and that the settings name, answers.

    Raises:
        StoreAway: one does not, in all this time.
    """
    deadline = monotonic() + patience_seconds
    async with open_probes(settings) as probes:
        for name in probes.keys() & needed:
            await _wait_for(name, probes[name], deadline, tell)


async def _wait_for(name: str, probe: Probe, deadline: float, tell: Tell) -> None:
    told = ""
    while True:
        try:
            await probe()
        except TemporarilyUnavailable as error:
            reason = _find_reason(error) or told
        else:
            return
        if monotonic() > deadline:
            raise StoreAway(f"{name} does not answer: {reason}")
        if reason != told:
            tell(name, reason)
            told = reason
        await asyncio.sleep(PACE_SECONDS)


def _find_reason(error: BaseException) -> str:
    """What the driver says, which knows hosts and names of users but no password; nothing when it was not asked."""
    root = error
    while root.__cause__ is not None:
        root = root.__cause__
    return "" if root is error else f"{type(root).__name__}: {root}"
