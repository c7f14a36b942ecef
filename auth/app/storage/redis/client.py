"""One connection to Redis, whatever its shape, whose every wait is bounded and every failure a 503."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import Any

import structlog
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisClusterException, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from app.errors import TemporarilyUnavailable
from app.ports.breaker import Breaker
from app.redis_address import RedisAddress
from app.storage.redis.connections import Greet, open_connections

AT_ONCE = 32
PATIENCE_SECONDS = 1.5  # for everything together: the turn, a connection, its greeting, the command, one more try

Argument = str | int
Call = tuple[Sequence[str], Sequence[Argument]]  # the keys and the arguments of a script

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Script:
    """A Lua script: one verb, one atomic step."""

    text: str = field(repr=False)
    digest: str


@cache
def script(name: str) -> Script:
    """The script `scripts/<name>.lua`."""
    text = (Path(__file__).parent / "scripts" / f"{name}.lua").read_text(encoding="utf-8")
    return Script(text=text, digest=sha1(text.encode(), usedforsecurity=False).hexdigest())


class RedisClient:
    """What the stores on Redis share.

    Args:
        greet: what is done with a new connection before its first command.
    """

    def __init__(self, address: RedisAddress, greet: Greet | None = None) -> None:
        # A command may need two connections: a cluster is asked for its shape while others work.
        self._connections = open_connections(address, AT_ONCE * 2, greet)
        self.redis = self._connections.redis
        self._breaker = Breaker(patience_seconds=PATIENCE_SECONDS)
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def run(self, chosen: Script, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """Run a script on keys of one hash tag.

        Raises:
            TemporarilyUnavailable: Redis is away, full, or not what it should be.
        """
        async with self.guarded():
            try:
                return await self.redis.evalsha(chosen.digest, len(keys), *keys, *arguments)
            except NoScriptError:  # the first time, and after a restart
                return await self.redis.eval(chosen.text, len(keys), *keys, *arguments)

    async def run_each(self, chosen: Script, calls: Sequence[Call]) -> None:
        """Run a script once for each pair of keys and arguments."""
        await asyncio.gather(*(self.run(chosen, keys, arguments) for keys, arguments in calls))

    @asynccontextmanager
    async def guarded(self) -> AsyncIterator[None]:
        """Bound the waiting inside, and say in the words of the ports what went wrong."""
        if not self._breaker.admit():
            raise TemporarilyUnavailable
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._turns:
                await self.redis.initialize()  # who has what in a cluster; else it would be asked of anybody
                yield
        except (RedisConnectionError, RedisTimeoutError, RedisClusterException, OSError, TimeoutError) as error:
            self._breaker.failed()
            raise TemporarilyUnavailable from error
        except RedisError as error:  # it answers, but not what it should: full, read-only, another type at the key
            raise TemporarilyUnavailable from error
        except Exception as error:
            # While a cluster changes its shape, redis-py closes connections that others are using.
            log.warning("redis.failed", error=type(error).__name__)
            raise TemporarilyUnavailable from error
        self._breaker.succeeded()

    def lost_seconds(self, *, within: float) -> float:
        """See `Breaker.lost_seconds`."""
        return self._breaker.lost_seconds(within=within)

    async def ping(self) -> None:
        """Raises: TemporarilyUnavailable, when Redis does not answer."""
        async with self.guarded():
            await self.redis.ping()

    async def close(self) -> None:
        await self._connections.close()
