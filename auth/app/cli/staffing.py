"""Which change the crew of worker processes needs next. Pure; cli/supervisor.py makes it."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from app.cli.seats import Seat


@dataclass(kw_only=True)
class Worker:
    """One process that serves. Times are seconds of the monotonic clock.

    Attributes:
        current: of the code and the settings of now, not of those before a reload.
        ready: it accepts connections.
        ends_by: it has been told to end, and is killed if it has not by then.
        seat: what the others see of it; none of a worker from before a reload.
    """

    pid: int
    started_at: float
    current: bool = True
    ready: bool = False
    ends_by: float | None = None
    seat: Seat | None = None


class Step(Enum):
    """What to do, if it is not to let a certain worker go."""

    START = "start one more"
    WAIT = "wait for what has begun"
    REST = "all is as it should be"


def next_step(crew: Collection[Worker], wanted: int) -> Step | Worker:
    """Choose one change: of all that could be made, one is under way at a time.

    So of many that start on an empty database the first one makes its schema, and a worker goes only
    after its replacement serves.

    Returns:
        What to do, or the worker that is to make place.
    """
    staying = [worker for worker in crew if worker.ends_by is None]
    if not all(worker.ready for worker in staying):
        return Step.WAIT
    if len(staying) < wanted:
        return Step.START
    if len(staying) < len(crew):
        return Step.WAIT
    outdated = [worker for worker in staying if not worker.current]
    if len(staying) > wanted:
        return (outdated or staying)[0]
    return Step.START if outdated else Step.REST
