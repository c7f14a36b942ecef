"""A thread that asks again and again, in whatever process it is wanted."""

import logging
import os
import random
import threading
import weakref
from collections.abc import Callable

from cinema_auth.errors import Unavailable
from cinema_auth.transport import Refused

JITTER = 0.15  # part of a pause: many processes that start together do not ask together
REFUSED_PAUSES = 10  # with wrong credentials there is nothing to hurry for
STOP_SECONDS = 5.0

log = logging.getLogger("cinema_auth")


class Polling:
    """Does some work each second or so, until it is closed.

    A thread does not live on in a forked child: there it `is_asleep` until it is woken.

    Args:
        after_fork: makes anew what the child has inherited in the middle of whatever other threads did.
    """

    def __init__(self, work: Callable[[], None], *, seconds: float, after_fork: Callable[[], None]) -> None:
        self._work, self._seconds, self._prepare_child = work, seconds, after_fork
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop, self._wake = threading.Event(), threading.Event()
        self._is_away = False
        self.is_asleep = False

    def start(self) -> None:
        """Begin, unless it has begun."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="cinema-auth", daemon=True)
                self._thread.start()
                _started.add(self)

    def go_on(self) -> None:
        """Begin in a forked child. Whoever comes first waits for what has happened since the fork."""
        self.start()
        self.do()
        self.is_asleep = False

    def wake(self) -> None:
        """Do the work now."""
        self._wake.set()

    def close(self) -> None:
        self._stop.set()
        self._wake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(STOP_SECONDS)

    def do(self) -> float:
        """Do the work once, whatever comes of it; give the pause after it."""
        pause = self._seconds * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - nothing secret
        try:
            self._work()
        except Refused as failure:
            self._note(failure)
            return pause * (REFUSED_PAUSES if failure.status in {401, 403, 429} else 1)
        except Unavailable as failure:
            self._note(failure)
        except Exception as error:  # noqa: BLE001 - a thread that ends would leave logouts unknown for ever
            log.error("cinema_auth: asking failed: %s", type(error).__name__)
        else:
            if self._is_away:
                log.warning("cinema_auth: the Auth service is back")
            self._is_away = False
        return pause

    def after_fork(self) -> None:
        """The thread has stayed with the parent."""
        self._starting = threading.Lock()
        self._stop, self._wake = threading.Event(), threading.Event()
        self._thread = None
        self._prepare_child()
        self.is_asleep = True

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(self.do())
            self._wake.clear()

    def _note(self, failure: Unavailable) -> None:
        if not self._is_away:
            log.warning("cinema_auth: %s; tokens are judged by what is known", failure)
        self._is_away = True


_started: "weakref.WeakSet[Polling]" = weakref.WeakSet()


def _after_fork() -> None:
    for polling in list(_started):
        polling.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
