"""One connection to Redis, whatever its shape, whose every wait is bounded and every failure a 503."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha1
from pathlib import Path
from typing import Any

import structlog
from redis.asyncio import RedisCluster
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisClusterException, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from app.errors import TemporarilyUnavailable
from app.ports.breaker import Breaker
from app.redis_address import RedisAddress
from app.storage.redis.connections import Greet, open_connections

AT_ONCE = 32
HOLD_SECONDS = 0.005
PATIENCE_SECONDS = 1.5  # for everything together: the turn, a connection, its greeting, the command, one more try
AWAY = (RedisConnectionError, RedisTimeoutError, RedisClusterException, OSError)  # not: full, read-only

Argument = str | int
Call = tuple[Sequence[str], Sequence[Argument]]  # the keys and the arguments of a script

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Script:
    """A Lua script: one verb, one atomic step."""

    text: str = field(repr=False)
    digest: str


def script(name: str) -> Script:
    """The script `scripts/<name>.lua`."""
    text = (Path(__file__).parent / "scripts" / f"{name}.lua").read_text(encoding="utf-8")
    return Script(text=text, digest=sha1(text.encode(), usedforsecurity=False).hexdigest())


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A script that somebody waits for."""

    script: Script
    keys: Sequence[str]
    arguments: Sequence[Argument]
    answer: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class RedisClient:
    """What the stores on Redis share.

    Scripts that are asked for in one turn of the event loop leave as one write, and their answers come back together:
    Redis and the system are called once for many requests. Those that come while others are away leave when these are
    back, so the busier everybody is, the more leave together; an answer that is late holds nobody up for long.

    Args:
        greet: what is done with a new connection before its first command.
    """

    def __init__(self, address: RedisAddress, greet: Greet | None = None) -> None:
        # A command may need two connections: a cluster is asked for its shape while others work.
        self._connections = open_connections(address, AT_ONCE * 2, greet)
        self.redis = self._connections.redis
        self._breaker = Breaker(patience_seconds=PATIENCE_SECONDS)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._in_cluster = isinstance(self.redis, RedisCluster)
        self._gathered: list[Asked] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._departure: asyncio.Handle  # of those who are gathered

    async def run(self, chosen: Script, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """Run a script on keys of one hash tag.

        Raises:
            TemporarilyUnavailable: Redis is away, full, or not what it should be.
        """
        asked = Asked(script=chosen, keys=keys, arguments=arguments)
        if not self._gathered:
            self._plan_departure()
        self._gathered.append(asked)
        return await asked.answer

    def _plan_departure(self) -> None:
        loop = asyncio.get_running_loop()
        self._departure = loop.call_later(HOLD_SECONDS, self._send) if self._sending else loop.call_soon(self._send)

    def _send(self) -> None:
        gathered, self._gathered = self._gathered, []
        # In a cluster each may be at home on another node, which may be away, or have moved it.
        for together in [[each] for each in gathered] if self._in_cluster else [gathered]:
            sending = asyncio.create_task(self._run_together(together))
            self._sending.add(sending)
            sending.add_done_callback(self._come_back)

    def _come_back(self, sending: asyncio.Task[None]) -> None:
        self._sending.discard(sending)
        if self._gathered and not self._sending:
            self._departure.cancel()
            self._send()

    async def _run_together(self, together: Sequence[Asked]) -> None:
        """Answer all of them. What one of them gets wrong is no other's business; a lost connection is everybody's."""
        answers: Sequence[Any] = [TemporarilyUnavailable() for _ in together]
        try:
            with suppress(TemporarilyUnavailable):
                async with self.guarded():
                    answers = await self._ask(together)
        finally:
            for asked, answer in zip(together, answers, strict=True):
                _answer(asked, answer)

    async def _ask(self, together: Sequence[Asked]) -> Sequence[Any]:
        commands = [("EVALSHA", each.script.digest, *_keys_and_arguments(each)) for each in together]
        answers = await self._pipe(commands)
        unknown = [number for number, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if unknown:  # the first time, and after a restart
            told = [
                ("EVAL", together[number].script.text, *_keys_and_arguments(together[number])) for number in unknown
            ]
            for number, answer in zip(unknown, await self._pipe(told), strict=True):
                answers[number] = answer
        return answers

    async def _pipe(self, commands: Sequence[tuple[Argument, ...]]) -> list[Any]:
        if len(commands) == 1:
            return [await self._alone(commands[0])]
        pipeline = self.redis.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return list(await pipeline.execute(raise_on_error=False))

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
        except Exception as error:  # redis-py lets more than its own slip while a cluster changes its shape
            if isinstance(error, AWAY):
                self._breaker.failed()
            raise _unavailable(error) from error
        self._breaker.succeeded()

    def lost_seconds(self, *, within: float) -> float:
        """See `Breaker.lost_seconds`."""
        return self._breaker.lost_seconds(within=within)

    async def ping(self) -> None:
        """Raises: TemporarilyUnavailable, when Redis does not answer."""
        async with self.guarded():
            await self.redis.ping()

    async def _alone(self, command: tuple[Argument, ...]) -> Any:
        try:
            return await self.redis.execute_command(*command)
        except ResponseError as error:
            return error

    async def close(self) -> None:
        while self._sending:
            await asyncio.wait(self._sending)
        await self._connections.close()


def _answer(asked: Asked, answer: Any) -> None:
    if asked.answer.done():
        return  # whoever asked has gone away
    if isinstance(answer, RedisError):  # full, read-only, another type at the key
        answer = _unavailable(answer)
    if isinstance(answer, TemporarilyUnavailable):
        asked.answer.set_exception(answer)
    else:
        asked.answer.set_result(answer)


def _unavailable(error: Exception) -> TemporarilyUnavailable:
    log.warning("redis.failed", error=type(error).__name__)
    return TemporarilyUnavailable()


def _keys_and_arguments(asked: Asked) -> tuple[Argument, ...]:
    return (len(asked.keys), *asked.keys, *asked.arguments)
