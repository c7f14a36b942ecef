"""Wait for what comes by itself: ask again and again, for a bounded time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.errors import TemporarilyUnavailable

T = TypeVar("T")

PATIENCE_SECONDS = 20
PACE_SECONDS = 0.02  # of asking; what is waited for is the answer


async def eventually(ask: Callable[[], Awaitable[T]], is_enough: Callable[[T], bool] = lambda _: True) -> T:
    """The first answer that is enough; one that is refused as temporarily unavailable is not."""
    answer: object = None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    found = answer = await ask()
                except TemporarilyUnavailable as error:
                    answer = error
                else:
                    if is_enough(found):
                        return found
                await asyncio.sleep(PACE_SECONDS)
    except TimeoutError:
        raise AssertionError(f"never came; at last it was {answer!r}") from None
