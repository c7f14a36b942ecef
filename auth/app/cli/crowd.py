"""Those who come in crowds are heard one at a time."""

import asyncio
from collections import deque
from collections.abc import Callable

Hear = Callable[[], None]


class Crowd:
    """A queue for what has arrived and costs much: one of it in each turn of the event loop.

    To queue up costs a hundredth of being heard. So thousands who come in one moment keep nobody waiting who asks
    for something else.
    """

    def __init__(self) -> None:
        self._waiting: deque[Hear] = deque()

    def wait(self, hear: Hear) -> None:
        """Have `hear` called after all who have come before."""
        if not self._waiting:
            self._soon()
        self._waiting.append(hear)

    def _soon(self) -> None:
        asyncio.get_running_loop().call_soon(self._hear_next)

    def _hear_next(self) -> None:
        hear = self._waiting.popleft()
        if self._waiting:
            self._soon()
        hear()
