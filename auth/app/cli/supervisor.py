"""Keeps several workers running on one address, and replaces them without a pause."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

import structlog

from app.cli.seats import Seat
from app.cli.server import GRACE_SECONDS
from app.cli.staffing import Step, Worker, next_step
from app.cli.worker import MAKE_PLACE, MAKE_PLACE_SECONDS, Job, work

TICK_SECONDS = 0.5
PAUSE_SECONDS = 1  # between two starts that fail: what is broken must not eat the processor
MARGIN_SECONDS = 10  # for closing the stores, on top of what requests may take
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)

log = structlog.get_logger(__name__)


class Supervisor:
    """The parent of the workers. Opens nothing and starts no thread, so that it can fork safely.

    Args:
        job: what every worker gets, as it is now.
        wanted: how many workers to keep running.
        inherited: workers of the image before a reload, which are to be replaced.
    """

    def __init__(self, job: Job, *, wanted: int, inherited: Sequence[int] = ()) -> None:
        self._job = job
        self._free_seats = Seat.several(wanted + 1)  # one goes only after its successor has come
        self._wanted = wanted
        now = time.monotonic()
        self._crew = [Worker(pid=pid, started_at=now, current=False, ready=True) for pid in inherited]
        self._has_served = self._is_replacing = bool(inherited)
        self._next_start = now
        self._starting: tuple[Worker, int] | None = None
        self._stopping = False
        self._reload_wanted = False
        self._check: subprocess.Popen[bytes] | None = None
        self._exit_code = 0

    def run(self) -> int:
        """Supervise until SIGTERM or SIGINT has been obeyed, or until the first worker could not start.

        Returns:
            The exit code of the whole service.
        """
        with _signals() as signals:
            while self._crew or not self._stopping:
                self._bury()
                self._kill_late()
                if not self._stopping:
                    self._take_step()
                self._wait(signals)
        return self._exit_code

    def _take_step(self) -> None:
        step = next_step(self._crew, self._wanted)
        if isinstance(step, Worker):
            log.info("worker.leaving", pid=step.pid)
            self._tell(step, MAKE_PLACE, within=MAKE_PLACE_SECONDS)
        elif step is Step.START and time.monotonic() >= self._next_start:
            self._start()
        elif step is Step.REST:
            self._rest()

    def _rest(self) -> None:
        if self._is_replacing:
            log.info("reload.finished", workers=len(self._crew))
            self._is_replacing = False
        if self._reload_wanted:
            self._reload()

    def _start(self) -> None:
        """Fork a worker. One at a time, so one pipe at a time tells that it is ready."""
        try:
            pid, told = self._fork(self._free_seats[-1])
        except OSError as error:  # no file or no process to be had; those who serve go on
            log.error("worker.not_started", reason=error.strerror)
            self._next_start = time.monotonic() + PAUSE_SECONDS
            return
        worker = Worker(pid=pid, started_at=time.monotonic(), seat=self._free_seats.pop())
        self._crew.append(worker)
        self._starting = worker, told

    def _fork(self, seat: Seat) -> tuple[int, int]:
        """Give the new process, and the pipe on which it tells that it is ready."""
        told, ready = os.pipe()
        try:
            with _signals_held_back():
                pid = os.fork()
                if pid == 0:
                    work(self._job, seat=seat, ready=ready)
        except OSError:
            os.close(told)
            raise
        finally:
            os.close(ready)
        return pid, told

    def _wait(self, signals: socket.socket) -> None:
        """Until a signal comes, a worker is ready, or a moment has passed."""
        told = [self._starting[1]] if self._starting is not None else []
        readable, _, _ = select.select([signals.fileno(), *told], [], [], TICK_SECONDS)
        if self._starting is not None and told[0] in readable:
            self._welcome(*self._starting)
        if signals.fileno() in readable:
            for number in signals.recv(64):
                self._obey(number)

    def _welcome(self, worker: Worker, told: int) -> None:
        """Believe the new worker that it is ready; an empty pipe says that it has ended before."""
        if os.read(told, 1):
            worker.ready = self._has_served = True
        os.close(told)
        self._starting = None

    def _obey(self, number: int) -> None:
        if number == signal.SIGHUP:
            self._reload_wanted = True
        elif number in {signal.SIGTERM, signal.SIGINT}:
            if self._stopping:
                for worker in self._crew:
                    worker.ends_by = time.monotonic()
            self._stop()

    def _stop(self) -> None:
        """Tell everybody to finish. The address is free as soon as the last of them accepts no more."""
        if self._stopping:
            return
        self._stopping = True
        for listener in self._job.listeners:
            listener.close()
        if self._check is not None:
            self._check.kill()
            self._check.wait()
        for worker in self._crew:
            self._tell(worker, signal.SIGTERM, within=self._job.drain_seconds)

    def _tell(self, worker: Worker, number: signal.Signals, *, within: float) -> None:
        """Let a worker end; `within` is what it may take before it finishes what it has."""
        os.kill(worker.pid, number)
        worker.ends_by = time.monotonic() + within + GRACE_SECONDS + MARGIN_SECONDS

    def _kill_late(self) -> None:
        for worker in self._crew:
            if worker.ends_by is not None and worker.ends_by <= time.monotonic():
                log.warning("worker.killed", pid=worker.pid)
                os.kill(worker.pid, signal.SIGKILL)
                worker.ends_by = float("inf")

    def _bury(self) -> None:
        for worker in list(self._crew):
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if pid:
                self._crew.remove(worker)
                if worker.seat is not None:
                    worker.seat.leave()
                    self._free_seats.append(worker.seat)
                self._mourn(worker, os.waitstatus_to_exitcode(status))

    def _mourn(self, worker: Worker, code: int) -> None:
        if worker.ends_by is not None:
            log.info("worker.ended", pid=worker.pid, code=code)
            return
        log.error("worker.died", pid=worker.pid, code=code)
        self._next_start = max(self._next_start, worker.started_at + PAUSE_SECONDS)
        if not self._has_served:  # nor would the next one start: let whoever started the service decide
            self._exit_code = code or 1
            self._stop()

    def _reload(self) -> None:
        """Check that the service would start again, in another process; then become that."""
        if self._check is None:
            log.info("reload.begun")
            command = [sys.executable, "-m", "app", "check"]
            self._check = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603
        elif (code := self._check.poll()) is not None:
            self._reload_wanted, self._check = False, None
            if code == 0:
                become_anew(self._job.listeners, [worker.pid for worker in self._crew])
            log.error("reload.refused", code=code)


def become_anew(listeners: Sequence[socket.socket], workers: Sequence[int]) -> None:
    """Replace the code and the settings of this process: same process, same children, same address."""
    for listener in listeners:
        listener.set_inheritable(True)
    heritage = f"--heritage={_list(each.fileno() for each in listeners)}:{_list(workers)}"
    arguments = [each for each in sys.orig_argv[1:] if not each.startswith("--heritage=")]
    sys.stdout.flush()
    with _signals_held_back(), suppress(OSError):
        os.execv(sys.executable, [sys.executable, *arguments, heritage])  # noqa: S606


def read_heritage(text: str) -> tuple[list[socket.socket], list[int]]:
    """Listeners and workers as `become_anew` wrote them down."""
    listeners, workers = ([int(each) for each in part.split(",")] for part in text.split(":"))
    return [socket.socket(fileno=each) for each in listeners], workers


def _list(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))


@contextmanager
def _signals() -> Iterator[socket.socket]:
    """Signals as bytes in a socket, each its number: nothing happens anywhere but in the loop."""
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    with reader, writer:
        signal.set_wakeup_fd(writer.fileno())
        for number in SIGNALS:
            signal.signal(number, _do_nothing)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # held back since a reload, if this is one
        try:
            yield reader
        finally:
            signal.set_wakeup_fd(-1)


@contextmanager
def _signals_held_back() -> Iterator[None]:
    """None is lost while nobody would understand it: they wait, in a forked or a new image too."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _do_nothing(_: int, __: FrameType | None) -> None:
    """A handler, so that the signal is not ignored; its number is in the socket."""
