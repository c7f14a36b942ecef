"""Two transactions in each other's way: one is undone, and runs again."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import structlog

from app.ports.storage import WriteConflict

P = ParamSpec("P")
T = TypeVar("T")

PAUSES = (0.02, 0.05, 0.1)  # at most so long, in seconds, before each further try: rivals must not meet again
PATIENCE_SECONDS = 2  # a deadlock is noticed after a second; no try begins later than this

log = structlog.get_logger(__name__)


def rerun_on_conflict(block: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Run a function again when another transaction was in the way of its own.

    For functions that hold one transaction and wait for nothing before it: when it is undone nothing
    has happened, and the next look finds what the other one has written. A test sees to it that every
    function with a transaction is of this kind and wears this decorator.

    Raises:
        WriteConflict: still in the way at the fourth try, or after two seconds.
    """

    @wraps(block)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        begun, pauses = time.monotonic(), iter(PAUSES)
        while True:
            try:
                return await block(*args, **kwargs)
            except WriteConflict:
                longest = next(pauses, None)
                if longest is None or time.monotonic() - begun > PATIENCE_SECONDS:
                    log.warning("transaction.given_up", block=block.__qualname__)
                    raise
            await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - nothing secret

    return run
