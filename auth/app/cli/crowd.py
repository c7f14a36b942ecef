"""Those who come in crowds are heard one at a time, and others before each of them."""

import asyncio
from collections import deque
from collections.abc import Callable

OTHERS_FIRST = 3  # turns of the event loop

Hear = Callable[[], None]


class Crowd:
    """A queue for what has arrived and costs much: one of it in every fourth turn of the event loop.

    To queue up costs a hundredth of being heard. So thousands who come in one moment keep nobody waiting who asks
    for something else, and takes several turns for it: to read, to ask the stores, to answer. Turns in which nobody
    asks for anything are over at once.
    """

    def __init__(self) -> None:
        self._waiting: deque[Hear] = deque()

    def wait(self, hear: Hear) -> None:
        """Have `hear` called after all who have come before."""
        if not self._waiting:
            self._soon()
        self._waiting.append(hear)

    def _soon(self) -> None:
        asyncio.get_running_loop().call_soon(self._pass, OTHERS_FIRST)

    def _pass(self, turns: int) -> None:
        if turns:
            asyncio.get_running_loop().call_soon(self._pass, turns - 1)
        else:
            self._hear_next()

    def _hear_next(self) -> None:
        hear = self._waiting.popleft()
        if self._waiting:
            self._soon()
        hear()
