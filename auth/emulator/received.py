"""The log of received requests: tests assert what was really sent (ALL-14)."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from multidict import CIMultiDictProxy, MultiDictProxy

from emulator.names import Endpoint, Provider

# An emulator that serves a load test for hours must not eat the machine's memory.
_MOST_ENTRIES = 20_000


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request as it arrived, before any fault was applied."""

    provider: Provider
    endpoint: Endpoint
    method: str
    path: str
    query_string: str
    query: MultiDictProxy[str]
    headers: CIMultiDictProxy[str]
    form: MultiDictProxy[str]
    body: bytes
    at: datetime

    def as_json(self) -> dict[str, object]:
        """The record for the control API; repeated names become lists."""
        return {
            "provider": self.provider,
            "endpoint": self.endpoint,
            "method": self.method,
            "path": self.path,
            "query_string": self.query_string,
            "query": _flatten(self.query),
            "headers": _flatten(self.headers),
            "form": _flatten(self.form),
            "body": self.body.decode("utf-8", "replace"),
            "at": self.at.isoformat(),
        }


def _flatten(values: MultiDictProxy[str]) -> dict[str, str | list[str]]:
    flat: dict[str, str | list[str]] = {}
    for name in values:
        found = [text.encode("utf-8", "replace").decode() for text in values.getall(name)]
        flat[name] = found[0] if len(found) == 1 else found
    return flat


class RequestLog:
    """Every request below a provider's prefix, oldest first; the newest 20,000 are kept."""

    def __init__(self) -> None:
        self._entries: deque[Received] = deque(maxlen=_MOST_ENTRIES)
        self._arrival = asyncio.Event()

    def add(self, entry: Received) -> None:
        """Remember a request and wake those who wait for one."""
        self._entries.append(entry)
        self._arrival.set()
        self._arrival = asyncio.Event()

    def find(self, provider: Provider | None = None, endpoint: Endpoint | None = None) -> list[Received]:
        """The requests of a provider, of an endpoint, of both, or all."""
        return [
            entry
            for entry in self._entries
            if provider in (None, entry.provider) and endpoint in (None, entry.endpoint)
        ]

    async def wait(self, enough: Callable[[], bool]) -> None:
        """Return once `enough` is true; it is asked again after each arrival."""
        while not enough():
            await self._arrival.wait()

    def clear(self) -> None:
        """Forget all requests."""
        self._entries.clear()
