"""Answers that leave at even steps of time, so that a stop watch does not tell what they were about."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta


class Pace:
    """Rounds up how long an answer takes.

    A known address costs some writes more than an unknown one. Rounded to steps that are much longer than these
    writes both take the same, also under load, where a fixed least time would be exceeded and tell again.

    Args:
        step: the answer leaves this long after its request came, or twice, three times … as long; 0 for at once.
    """

    def __init__(self, step: timedelta) -> None:
        self._step = step.total_seconds()

    @asynccontextmanager
    async def even(self) -> AsyncIterator[None]:
        """Hold back what follows the block until the step is over. An error leaves at once: no address caused it."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        yield
        if self._step:
            await asyncio.sleep(self._step - (loop.time() - began) % self._step)
