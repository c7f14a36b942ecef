"""A TCP proxy before a real server that does what networks do: it cuts, keeps silent, is slow, or is not there."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

PIECE_BYTES = 64 * 1024
ACCEPTING_TURNS = 5  # of the event loop, until whoever was accepted is served
# Closing without lingering sends a reset instead of a farewell (SO_LINGER in socket(7)).
NO_FAREWELL = struct.pack("ii", 1, 0)


class Proxy:
    """Stands before one server. A fault holds until `heal`; the address stays the same for the whole life.

    Attributes:
        port: where clients connect, on 127.0.0.1.
        accepted: how many connections clients have made so far.
        delay_seconds: how long each piece of data travels, in each direction.
    """

    def __init__(self, server: tuple[str, int] | Path) -> None:
        self._server = server
        self._address = socket.socket()  # held without listening, so that nobody else gets the port meanwhile
        self._address.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._address.bind(("127.0.0.1", 0))
        self._listener: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._requests_pass = asyncio.Event()
        self._answers_pass = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._is_over = False
        self.port = int(self._address.getsockname()[1])
        self.accepted = 0
        self.delay_seconds = 0.0

    @classmethod
    @asynccontextmanager
    async def before(cls, server: tuple[str, int] | Path) -> AsyncIterator["Proxy"]:
        """Stand before a server until the block is left.

        Args:
            server: host and port, or the path of a Unix socket.
        """
        proxy = cls(server)
        await proxy.heal()
        try:
            yield proxy
        finally:
            await proxy._close()

    @property
    def is_working(self) -> bool:
        """Whether anybody is still served, or about to be."""
        return bool(self._running or self._serving or self._ends)

    def lead_to(self, server: tuple[str, int] | Path) -> None:
        """New connections go to another server, as after a failover; the present ones stay where they are."""
        self._server = server

    def cut(self) -> None:
        """Reset every connection; new ones are welcome."""
        for end in self._ends:
            connection = end.get_extra_info("socket")
            if connection.fileno() >= 0:  # else it is over, and a black hole keeps the other end from knowing
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_FAREWELL)
                end.transport.abort()

    def refuse(self) -> None:
        """Reset every connection and refuse new ones, as when no process listens."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self.cut()

    def black_hole(self) -> None:
        """Let nothing through, not even that somebody hung up; connections look alive."""
        self._requests_pass.clear()
        self._answers_pass.clear()

    def lose_answers(self) -> None:
        """Let the server hear everything, and the client nothing."""
        self._answers_pass.clear()

    def heals_after(self, time: timedelta) -> None:
        """End every fault later, while whoever called is busy."""

        async def heal_later() -> None:
            await asyncio.sleep(time.total_seconds())
            await self.heal()

        healing = asyncio.create_task(heal_later())
        self._running.add(healing)
        healing.add_done_callback(self._running.discard)

    async def heal(self) -> None:
        """End every fault. What a black hole has kept back arrives now, as TCP repeats what got lost."""
        self.delay_seconds = 0
        self._requests_pass.set()
        self._answers_pass.set()
        if self._listener is None:
            self._listener = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if serving := asyncio.current_task():
            self._serving.add(serving)
            serving.add_done_callback(self._serving.discard)
        try:
            server_reader, server_writer = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, server_writer}
        if self._is_over:
            for end in ends:
                end.transport.abort()
            return
        self._ends |= ends
        pumps = {
            asyncio.create_task(self._pump(reader, server_writer, self._requests_pass)),
            asyncio.create_task(self._pump(server_reader, writer, self._answers_pass)),
        }
        self._running |= pumps
        await asyncio.wait(pumps)
        self._running -= pumps
        self._ends -= ends

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._server, Path):
            return await asyncio.open_unix_connection(self._server)
        return await asyncio.open_connection(*self._server)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passes: asyncio.Event) -> None:
        try:
            while piece := await reader.read(PIECE_BYTES):
                await asyncio.sleep(self.delay_seconds)
                await passes.wait()
                writer.write(piece)
                await writer.drain()
            await passes.wait()
        except OSError:  # this end was reset: the other one learns that it is over
            pass
        finally:
            writer.close()

    async def _close(self) -> None:
        self._is_over = True
        self.refuse()
        for _ in range(ACCEPTING_TURNS):
            await asyncio.sleep(0)
        for each in self._running:
            each.cancel()
        while left := self._running | self._serving:  # whoever is connecting at this moment is let go at once
            await asyncio.wait(left)
        self._address.close()
