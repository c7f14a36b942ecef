"""One of several processes that serve on one address, from its birth by fork to its end."""

import os
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

import structlog
import uvicorn

from app.cli.server import Server
from app.http.health import Life

MAKE_PLACE = signal.SIGUSR1
MAKE_PLACE_SECONDS = 15  # for each connection to carry one more answer


def work(
    config: uvicorn.Config,
    life: Life,
    listeners: Sequence[socket.socket],
    *,
    drain_seconds: int,
    supervisor: int,
    ready: int,
) -> NoReturn:
    """Serve in a process that was forked a moment ago, and end it: nothing of the supervisor runs on here.

    Args:
        supervisor: the process without which this one ends.
        ready: a pipe that is written to when connections are accepted.
    """
    code = 1
    try:
        _take_over_signals()
        structlog.contextvars.bind_contextvars(pid=os.getpid())
        server = WorkerServer(config, life, drain_seconds=drain_seconds, supervisor=supervisor, ready=ready)
        server.run(list(listeners))
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else code
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

    def __init__(self, config: uvicorn.Config, life: Life, *, drain_seconds: int, supervisor: int, ready: int) -> None:
        super().__init__(config, life, drain_seconds=drain_seconds)
        self._supervisor = supervisor
        self._ready = ready
        self._makes_place = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        signal.signal(MAKE_PLACE, self._make_place)
        os.write(self._ready, b"1")
        os.close(self._ready)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Those who stop a whole group send each process the signal that the supervisor sends as well.
        if sig == signal.SIGTERM and not self.life.stopping:
            super().handle_exit(sig, frame)

    def _make_place(self, _: int, __: FrameType | None) -> None:
        """Accept no more, since others do on the same address; wait for each connection's next answer."""
        self._makes_place = True
        self.end_in(MAKE_PLACE_SECONDS)

    async def on_tick(self, counter: int) -> bool:
        if os.getppid() != self._supervisor:  # nobody would replace this process, or stop it
            return True
        if self._makes_place:
            for server in self.servers:
                server.close()
        return await super().on_tick(counter) or (self._makes_place and not self.server_state.connections)
