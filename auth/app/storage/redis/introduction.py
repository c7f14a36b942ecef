"""A Redis that this process has not met yet is told what it may have lost, before it is believed."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from redis.asyncio import Connection
from redis.exceptions import ConnectionError as RedisConnectionError

# `run_id` is new after each start, `master_replid` after each take-over.
_IDENTITY = re.compile(r"run_id:([0-9a-f]+).*^master_replid:([0-9a-f]+)", re.DOTALL | re.MULTILINE)
_REPLICA = re.compile(r"^role:slave", re.MULTILINE)
_EVICTION = re.compile(r"^maxmemory_policy:(?!noeviction)([a-z-]+)", re.MULTILINE)

log = structlog.get_logger(__name__)


class Introduction:
    """Knows servers by the identity that they take at each start, and each time that they take over.

    Redis acknowledges a write before it is on a disk or at a replica. A server that was restarted, or took
    over from another, may therefore know a session but not its end. SQL knows: before the first command on a
    server of unknown identity the recent ends are written to it again.

    Args:
        catch_up: writes them to the server at a host and port; may be repeated.
        in_cluster: a replica may be asked too: it knows where everything is, and says nothing else.
    """

    def __init__(self, catch_up: Callable[[str, int], Awaitable[None]], *, in_cluster: bool = False) -> None:
        self._catch_up = catch_up
        self._in_cluster = in_cluster
        self._met: set[str] = set()
        self._meetings: dict[str, asyncio.Task[None]] = {}

    async def greet(self, connection: Connection) -> None:
        """Finish a new connection (redis-py's `redis_connect_func`).

        Raises:
            ConnectionError: a replica, which may be behind, or the catching up has failed: it is not used.
        """
        try:
            await connection.on_connect()
            await connection.send_command("INFO", "server", "replication", "memory")
            about = _text(await connection.read_response())
            if not self._is_replica(about):
                await self._meet(about, connection)
        except BaseException:
            # Whoever waits no longer leaves nothing behind that the next one would take for greeted.
            await connection.disconnect(nowait=True)
            raise

    def _is_replica(self, about: str) -> bool:
        is_replica = _REPLICA.search(about) is not None
        if is_replica and not self._in_cluster:
            raise RedisConnectionError("it is a replica")
        return is_replica

    async def _meet(self, about: str, connection: Connection) -> None:
        """Catch up once for all who wait; the work outlives a caller who waits no longer."""
        identity = _identity(about)
        if identity in self._met:
            return
        meeting = self._meetings.get(identity)
        if meeting is None or meeting.done():
            meeting = asyncio.create_task(self._introduce(identity, about, connection.host, connection.port))
            self._meetings[identity] = meeting
        try:
            await asyncio.shield(meeting)
        except Exception as error:
            raise RedisConnectionError("it could not be told what has ended") from error

    async def _introduce(self, identity: str, about: str, host: str, port: int) -> None:
        if found := _EVICTION.search(about):
            log.warning("redis.may_evict", policy=found[1])
        await self._catch_up(host, port)
        self._met.add(identity)
        self._meetings.pop(identity, None)
        log.info("redis.caught_up", server=identity[:8])


def _text(answer: Any) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)


def _identity(about: str) -> str:
    found = _IDENTITY.search(about)
    if found is None:
        raise RedisConnectionError("it does not say who it is")
    return ":".join(found.groups())
