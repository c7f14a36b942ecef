"""Connections to PostgreSQL: every wait is bounded, and a server that must not be written to is left."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

ACQUIRE_SECONDS = 1
CONNECT_SECONDS = 2  # all hosts together
ANSWER_SECONDS = 2
RECYCLE_SECONDS = 600  # what stands between us and the server may forget a connection that is older
READ_ONLY = "25006"  # read_only_sql_transaction

# What the server itself holds us to, in milliseconds. It notices a deadlock after a second: sooner than it gives up a
# statement. A process that was stopped in the middle of a transaction must not hold its locks for long.
SERVER_LIMITS = {"statement_timeout": "1500", "idle_in_transaction_session_timeout": "5000"}
NO_LIMITS = dict.fromkeys(SERVER_LIMITS, "0")


def open_postgresql(url: str, *, connections: int, hurried: bool) -> AsyncEngine:
    """Open an engine on `postgresql://user:password@host:port,host:port/name?…`; asyncpg reads the address.

    Of several hosts the one that can be written to is used, unless `target_session_attrs` says otherwise.
    What else stands in the query is a setting of the session, and goes before ours.
    """
    hosts = Hosts(url, hurried=hurried)
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=hosts.connect,
        isolation_level=None if hurried else "READ COMMITTED",  # who has waited for others sees what they have done
        pool_size=connections,
        max_overflow=0,
        pool_timeout=ACQUIRE_SECONDS,
        pool_recycle=RECYCLE_SECONDS,
    )
    event.listen(engine.sync_engine, "handle_error", _Leaving())
    # Without a farewell: it would wait for a server that may be out of reach.
    engine.dialect.do_terminate = _abort  # type: ignore[assignment]
    return engine


class Hosts:
    """Where the database may be. The host that served last is asked first."""

    def __init__(self, url: str, *, hurried: bool) -> None:
        self._urls = split_hosts(url)
        self._answer_seconds = ANSWER_SECONDS if hurried else None
        given = parse_qs(urlsplit(url).query)
        own = {"application_name": "cinema-auth", **(SERVER_LIMITS if hurried else NO_LIMITS)}
        self._settings = {name: value for name, value in own.items() if name not in given}
        several = len(self._urls) > 1 and "target_session_attrs" not in given
        self._target = "read-write" if several else None

    async def connect(self, *_: object, **__: object) -> asyncpg.Connection:
        """Raises: whatever kept us from the last host that was tried."""
        *others, last = self._urls
        for url in others:
            try:
                return await self._connect(url)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
                continue
        return await self._connect(last)

    async def _connect(self, url: str) -> asyncpg.Connection:
        connection = await asyncpg.connect(
            url,
            timeout=CONNECT_SECONDS / len(self._urls),
            command_timeout=self._answer_seconds,
            server_settings=self._settings,
            target_session_attrs=self._target,
        )
        self._urls = [url, *(each for each in self._urls if each != url)]
        return connection


def split_hosts(url: str) -> list[str]:
    """One address for each host of an address with several, as libpq writes them."""
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    return [urlunsplit(parts._replace(netloc=f"{user}{at}{host}")) for host in hosts.split(",")]


def _abort(connection: Any) -> None:
    connection.driver_connection.terminate()


class _Leaving:
    """Drops connections to a server that refuses to write: another one does it now, or will.

    All connections of the pool at most once a second: while everything is read-only, reading goes on.
    """

    def __init__(self) -> None:
        self._left_at = -1.0

    def __call__(self, context: ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", None) != READ_ONLY:
            return
        now = time.monotonic()
        context.is_disconnect = True
        context.invalidate_pool_on_disconnect = now - self._left_at > 1
        if context.invalidate_pool_on_disconnect:
            self._left_at = now
