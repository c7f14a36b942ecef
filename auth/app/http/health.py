"""Whether the process lives, and whether it can serve. For orchestrators, outside the base path."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from litestar import HttpMethod, Response, route
from litestar.di import NamedDependency

PROBE_SECONDS = 1.5  # who asks waits two seconds, seldom longer

Probe = Callable[[], Awaitable[None]]
Probes = Mapping[str, Probe]


@dataclass
class Life:
    """Where in its life the process is.

    Attributes:
        stopping: it still answers, but whoever spreads the requests should choose another.
    """

    stopping: bool = False


@route("/livez", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200, include_in_schema=False)
async def livez() -> dict[str, str]:
    """Answers as long as the event loop turns; touches nothing else."""
    return {"status": "alive"}


@route("/readyz", http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False)
async def readyz(probes: NamedDependency[Probes], life: NamedDependency[Life]) -> Response[dict[str, object]]:
    """Names the class of each dependency that fails, never its host or its error."""
    if life.stopping:
        return _not_ready("stopping", ["stopping"])
    failing = await find_failing(probes)
    if failing:
        return _not_ready("degraded", failing)
    return Response({"status": "ready", "failing": []}, status_code=200)


async def find_failing(probes: Probes) -> list[str]:
    """The names of the probes that fail, or do not answer in time. All are asked at once."""
    tasks = {name: asyncio.ensure_future(probe()) for name, probe in probes.items()}
    if tasks:
        await asyncio.wait(tasks.values(), timeout=PROBE_SECONDS)
    return [name for name, task in tasks.items() if not _has_succeeded(task)]


def _has_succeeded(task: asyncio.Future[None]) -> bool:
    if task.done():
        return not task.cancelled() and task.exception() is None
    # Not waited for: a connection on which nothing comes back takes its time to be given up, too.
    task.add_done_callback(lambda given_up: given_up.cancelled() or given_up.exception())
    task.cancel()
    return False


def _not_ready(status: str, failing: list[str]) -> Response[dict[str, object]]:
    return Response({"status": status, "failing": failing}, status_code=503)
