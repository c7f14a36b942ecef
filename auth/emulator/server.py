"""The emulator in a test's own process."""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from aiohttp import web

from emulator.actions import Actions
from emulator.apps import environment
from emulator.clock import utc_now
from emulator.names import Endpoint, Provider
from emulator.received import Received
from emulator.web import application
from emulator.world import World

_SHUTDOWN_SECONDS = 0.1
_LONGEST_LINE = 256 * 1024


class Emulator(Actions):
    """Yandex ID, VK ID, Google and Mail.ru on one port of this machine.

    Serves in the running event loop between entering and leaving its context.

    Args:
        redirect_base: the client's callback address or addresses; each registers
            `base?social=<provider>` and `base/<provider>`.
        port: 0 takes a free one.
        public_url: the address under which others see the emulator, if it is another one.
        tls: serve HTTPS by this context.
        now: the time on which codes and tokens depend.
    """

    def __init__(
        self,
        *,
        redirect_base: str | Sequence[str] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        public_url: str | None = None,
        tls: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        bases = (redirect_base,) if isinstance(redirect_base, str) else tuple(redirect_base)
        super().__init__(World(redirect_bases=bases, now=now))
        self._host = host
        self._port = port
        self._public_url = public_url
        self._tls = tls
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the port is taken.
        """
        runner = web.AppRunner(
            application(self),
            access_log=None,
            handler_cancellation=True,
            shutdown_timeout=_SHUTDOWN_SECONDS,
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
        )
        await runner.setup()
        self._runner = runner
        await web.TCPSite(runner, self._host, self._port, ssl_context=self._tls).start()
        port = runner.addresses[0][1]
        scheme = "http" if self._tls is None else "https"
        self.world.url = self._public_url or f"{scheme}://{self._host}:{port}"

    async def stop(self) -> None:
        """Let hanging requests go and stop listening."""
        self.world.release()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """The base address, without a slash at the end."""
        return self.world.url

    def environment(self) -> dict[str, str]:
        """The Auth service's settings for signing in here."""
        return environment(self.url)

    async def wait_for_requests(
        self, provider: Provider, endpoint: Endpoint, *, count: int = 1, within: float = 5.0
    ) -> list[Received]:
        """Wait until that many requests have arrived and return them.

        Raises:
            TimeoutError: too few came within so many seconds.
        """
        async with asyncio.timeout(within):
            await self.world.log.wait(lambda: len(self.requests(provider, endpoint)) >= count)
        return self.requests(provider, endpoint)
