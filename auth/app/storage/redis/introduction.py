"""A Redis that this process has not met yet is told what it may have lost, before it is believed."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from redis.asyncio import Connection
from redis.exceptions import ConnectionError as RedisConnectionError

_DEBT = "debt"
_RUN_ID = re.compile(r"run_id:([0-9a-f]+)")

log = structlog.get_logger(__name__)


class Introduction:
    """Knows servers by the identity that they take at each start.

    Redis acknowledges a write before it is on a disk or at a replica. A server that was restarted, or took
    over from another, may therefore know a session but not its end; nor does it know an end that was written
    to SQL while it was away. SQL knows them all: before the first command on a server of unknown identity, and
    after an end that could not be told, the recent ends are written to it again.

    Args:
        catch_up: writes them; may be repeated.
    """

    def __init__(self, catch_up: Callable[[], Awaitable[None]]) -> None:
        self._catch_up = catch_up
        self._met: set[str] = set()
        self._meetings: dict[str, asyncio.Task[None]] = {}
        self._owed = self._paid = 0  # how often an end could not be told, and how many of those have been since

    def owe(self) -> None:
        """An end could not be told: nothing is asked before it has been."""
        self._owed += 1

    async def settle(self) -> None:
        """Tell what is owed.

        Raises:
            ConnectionError: that has failed, so the server is not used.
        """
        if self._owed > self._paid:
            await self._meet(_DEBT)

    async def greet(self, connection: Connection) -> None:
        """Finish a new connection (redis-py's `redis_connect_func`).

        Raises:
            ConnectionError: the catching up has failed, so the server is not used.
        """
        await connection.on_connect()
        await connection.send_command("INFO", "server")
        run_id = _identity(await connection.read_response())
        if run_id not in self._met:
            await self._meet(run_id)

    async def _meet(self, run_id: str) -> None:
        """Catch up once for all who wait; the work outlives a caller who waits no longer."""
        meeting = self._meetings.get(run_id)
        if meeting is None or meeting.done():
            meeting = self._meetings[run_id] = asyncio.create_task(self._introduce(run_id))
        try:
            await asyncio.shield(meeting)
        except Exception as error:
            raise RedisConnectionError("it could not be told what has ended") from error

    async def _introduce(self, run_id: str) -> None:
        owed = self._owed  # what comes up meanwhile is owed still
        await self._catch_up()
        self._paid = owed
        self._met.add(run_id)
        self._meetings.pop(run_id, None)
        log.info("redis.caught_up", server=run_id[:8])


def _identity(answer: Any) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
    found = _RUN_ID.search(text)
    if found is None:
        raise RedisConnectionError("it does not say who it is")
    return found[1]
