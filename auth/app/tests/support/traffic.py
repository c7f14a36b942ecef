"""People who never stop asking, and connections that are kept."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp

from app.settings import BASE_PATH
from app.tests.support.process import KEYS, Process


@dataclass
class Traffic:
    """People who never stop asking, over connections that they keep and over new ones."""

    url: str
    answered: int = 0
    failed: list[str] = field(default_factory=list)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """Ask until the block is left."""
        people = [asyncio.create_task(self._ask(keep=number % 2 == 0)) for number in range(8)]
        try:
            yield
        finally:
            self._stop.set()
            await asyncio.gather(*people)

    async def _ask(self, *, keep: bool) -> None:
        """By POST, which the client never repeats on its own, unlike GET on a connection that was kept."""
        connector = aiohttp.TCPConnector(limit=1, force_close=not keep)
        async with aiohttp.ClientSession(connector=connector) as session:
            while not self._stop.is_set():
                await self._ask_once(session)
                await asyncio.sleep(0.05)  # a kept connection rests meanwhile, ready to be closed under a request

    async def _ask_once(self, session: aiohttp.ClientSession) -> None:
        try:
            async with session.post(f"{self.url}{BASE_PATH}/refresh", json={"refresh_token": "x"}) as answer:
                await answer.read()
        except aiohttp.ClientError as error:
            self.failed.append(repr(error))
        else:
            self.answered += 1
            if answer.status != HTTPStatus.UNAUTHORIZED:
                self.failed.append(str(answer.status))


@asynccontextmanager
async def raw_connection(process: Process) -> AsyncIterator[tuple[asyncio.StreamReader, Callable[[], None]]]:
    """A connection that is kept, and what sends a request down it."""
    address = urlsplit(process.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield reader, lambda: writer.write(f"GET {KEYS} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
    finally:
        writer.close()
