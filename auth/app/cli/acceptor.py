"""Letting connections in: few in one turn of the event loop, and to each worker as many as to the others."""

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from app.cli.seats import Seat

AT_ONCE = 16  # a thousand that come in one moment must not keep those waiting who are inside
GIVE_WAY_SECONDS = 0.001  # the least that uvloop knows: whoever waits to be let in waits for this, too
MAX_WAITING_CONNECTIONS = 2048
EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Acceptor:
    """Takes connections from listeners that several processes share.

    The system gives most of those that come together to whoever wakes up first. So a worker that has more than
    another gives way for a moment; what is still there after it, it takes: nobody waits longer for a worker that
    does not come.

    Args:
        connections: those of this process, which the protocols keep.
        seat: that of this process.
        give_way_seconds: how long others may go first.
    """

    def __init__(
        self,
        listeners: Sequence[socket.socket],
        make_protocol: Callable[[], asyncio.Protocol],
        *,
        connections: Collection[object],
        seat: Seat,
        give_way_seconds: float = GIVE_WAY_SECONDS,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._listeners = listeners
        self._make_protocol = make_protocol
        self._connections = connections
        self._seat = seat
        self._give_way_seconds = give_way_seconds
        self._entering: set[asyncio.Task[None]] = set()
        self._reserve = _open_file()
        self._return: asyncio.TimerHandle | None = None
        self._left_to_me = 1
        self._is_open = True
        for listener in listeners:
            listener.listen(MAX_WAITING_CONNECTIONS)
        self.tell()
        self._watch()

    def tell(self) -> None:
        """Let the other workers know how many connections there are. To be called when one has ended."""
        if self._is_open:
            self._seat.tell(len(self._connections) + len(self._entering))

    def close(self) -> None:
        """Accept no more; other processes go on."""
        if self._is_open:
            self._is_open = False
            self._seat.leave()
            self._look_away()
            for listener in self._listeners:
                listener.close()
            self._reserve.close()

    async def finish(self) -> None:
        """Close behind those who are waiting already: with its listeners the system would end their connections."""
        if self._is_open:
            self._take(MAX_WAITING_CONNECTIONS)
        self.close()
        await asyncio.gather(*self._entering)

    def _watch(self) -> None:
        self._return = None
        for listener in self._listeners:
            self._loop.add_reader(listener, self._accept)

    def _look_away(self) -> None:
        if self._return is not None:
            self._return.cancel()
        for listener in self._listeners:
            self._loop.remove_reader(listener)

    def _accept(self) -> None:
        if (room := self._seat.room) > 0:
            self._left_to_me = 1
            self._take(min(room, AT_ONCE))
        else:
            self._look_away()
            self._return = self._loop.call_later(self._give_way_seconds, self._come_back)

    def _come_back(self) -> None:
        """Take of those whom nobody wanted: few at first, for another worker may be just about to come."""
        self._watch()
        if self._take(self._left_to_me) < self._left_to_me:
            self._left_to_me = 1
        else:
            self._left_to_me = min(2 * self._left_to_me, AT_ONCE)

    def _take(self, most: int) -> int:
        """Let in those who are there, so many at each listener; gives their number."""
        taken = 0
        for listener in self._listeners:
            try:
                for _ in range(most):
                    accepted, _ = listener.accept()
                    self._let_in(accepted)
                    taken += 1
            except OSError as error:  # mostly: nobody is there any more
                if error.errno in EXHAUSTED:
                    self._turn_away(listener)
        self.tell()
        return taken

    def _let_in(self, accepted: socket.socket) -> None:
        accepted.setblocking(False)
        entering = self._loop.create_task(self._enter(accepted))
        self._entering.add(entering)
        entering.add_done_callback(self._entered)

    def _entered(self, entering: asyncio.Task[None]) -> None:
        self._entering.discard(entering)
        self.tell()

    async def _enter(self, accepted: socket.socket) -> None:
        with suppress(OSError):  # gone already
            await self._loop.connect_accepted_socket(self._make_protocol, accepted)

    def _turn_away(self, listener: socket.socket) -> None:
        """End all that wait, by means of a file kept for this: there is none to serve them with."""
        self._reserve.close()
        with suppress(OSError):
            while True:
                listener.accept()[0].close()
        with suppress(OSError):
            self._reserve = _open_file()


def _open_file() -> IO[bytes]:
    return Path(os.devnull).open("rb")
