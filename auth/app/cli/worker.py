"""One of several processes that serve on one address, from its birth by fork to its end."""

import asyncio
import os
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

import click
import structlog
import uvicorn

from app.cli.seats import Seat
from app.cli.server import Prepare, Server
from app.http.health import Life

MAKE_PLACE = signal.SIGUSR1
WATCH_SECONDS = 0.2
MAKE_PLACE_SECONDS = 15  # for each connection to carry one more answer


@dataclass(frozen=True, kw_only=True)
class Job:
    """What every worker works with, as its parent had it at the fork.

    Attributes:
        prepare: see `Server`.
        supervisor: the process without which a worker ends.
    """

    config: uvicorn.Config
    life: Life
    listeners: Sequence[socket.socket]
    drain_seconds: int
    prepare: Prepare
    supervisor: int


def work(job: Job, *, seat: Seat, ready: int) -> NoReturn:
    """Serve in a process that was forked a moment ago, and end it: nothing of the supervisor runs on here.

    Args:
        seat: free until now.
        ready: a pipe that is written to when connections are accepted.
    """
    code = 1
    try:
        _take_over_signals()
        structlog.contextvars.bind_contextvars(pid=os.getpid())
        WorkerServer(job, seat=seat, ready=ready).run(list(job.listeners))
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else code
    except click.ClickException as error:
        error.show()
    except BaseException:  # noqa: BLE001 - whatever it is, it ends here and not in the supervisor's code
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _take_over_signals() -> None:
    """Stop reporting signals to the supervisor's loop; from here on they are this process's own."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    for number in (signal.SIGINT, signal.SIGHUP, MAKE_PLACE):
        signal.signal(number, signal.SIG_IGN)  # a terminal sends the first two to the supervisor as well
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


class WorkerServer(Server):
    """Stops when the supervisor says so, makes place for a successor, ends when the supervisor is gone."""

    def __init__(self, job: Job, *, seat: Seat, ready: int) -> None:
        super().__init__(job.config, job.life, drain_seconds=job.drain_seconds, prepare=job.prepare, seat=seat)
        self._supervisor = job.supervisor
        self._ready = ready
        self._makes_place = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._watcher = asyncio.create_task(self._end_without_supervisor())
        await super().startup(sockets)
        signal.signal(MAKE_PLACE, self._make_place)
        os.write(self._ready, b"1")
        os.close(self._ready)

    async def _end_without_supervisor(self) -> None:
        """Nobody would stop this process, and the next service would find its address taken."""
        while os.getppid() == self._supervisor:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(WATCH_SECONDS)
        if not self.started:
            os._exit(1)
        self.end_in(0)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Those who stop a whole group send each process the signal that the supervisor sends as well.
        if sig == signal.SIGTERM and not self.life.stopping:
            super().handle_exit(sig, frame)

    def _make_place(self, _: int, __: FrameType | None) -> None:
        """Accept no more, since others do on the same address; wait for each connection's next answer."""
        self._makes_place = True
        self.end_in(MAKE_PLACE_SECONDS)

    async def on_tick(self, counter: int) -> bool:
        if self._makes_place:
            self.accept_no_more()
        return await super().on_tick(counter) or (self._makes_place and not self.server_state.connections)
