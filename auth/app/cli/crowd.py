"""Those who come in crowds are heard few at a time."""

import asyncio
from collections import deque
from collections.abc import Callable

AT_ONCE = 4

Hear = Callable[[bytes], None]


class Crowd:
    """A queue for what has arrived and costs much: a few of it in each turn of the event loop.

    To queue up costs a hundredth of being heard. So thousands who come in one moment keep nobody waiting who asks
    for something else.
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[Hear, bytes]] = deque()

    def wait(self, hear: Hear, data: bytes) -> None:
        """Have `hear` called with the data, after all who have come before."""
        if not self._waiting:
            self._soon()
        self._waiting.append((hear, data))

    def _soon(self) -> None:
        asyncio.get_running_loop().call_soon(self._hear_some)

    def _hear_some(self) -> None:
        for _ in range(min(AT_ONCE, len(self._waiting))):
            hear, data = self._waiting.popleft()
            hear(data)
        if self._waiting:
            self._soon()
