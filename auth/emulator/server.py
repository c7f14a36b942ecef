"""The emulator in a test's own process."""

import asyncio
import ssl
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from emulator.apps import environment
from emulator.clock import utc_now
from emulator.decisions import REFUSAL_MODES, Allow, Refuse
from emulator.names import Endpoint, Provider
from emulator.personas import Persona
from emulator.received import Received
from emulator.web import application
from emulator.world import World

_SHUTDOWN_SECONDS = 0.1
_LONGEST_LINE = 256 * 1024


class Emulator:
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
        self.world = World(redirect_bases=bases, now=now)
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
            application(self.world),
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

    def preset(self, provider: Provider, **values: Any) -> None:
        """Set switches that also survive `reset()`."""
        self.world.initial_switches.setdefault(provider, {}).update(values)
        self.world.switches.change(provider, values)

    # What people do

    def decide(
        self, provider: Provider, *, persona: str = "anna", without: Collection[str] = (), times: int | None = None
    ) -> None:
        """Let authorize requests succeed without a page: the person signs in.

        Args:
            without: rights that the person unticks.
            times: for how many requests; None: until changed. Counted decisions come first.

        Raises:
            PersonaUnknown: the persona has no account at the provider.
        """
        self.world.cast.account(persona, provider)
        decision = Allow(persona=persona, without=frozenset(without))
        self.world.decisions[provider].add(decision, times=times)

    def refuse(
        self, provider: Provider, *, mode: str = "a", error: str = "access_denied", times: int | None = None
    ) -> None:
        """Let authorize requests be refused by the person (VK-13 names the modes a to d).

        Raises:
            ValueError: no such mode.
        """
        if mode not in REFUSAL_MODES:
            raise ValueError(f"no refusal mode {mode!r}; there are {', '.join(REFUSAL_MODES)}")
        self.world.decisions[provider].add(Refuse(mode=mode, error=error), times=times)

    def ask(self, provider: Provider) -> None:
        """Show the page again: forget what was decided for the provider."""
        self.world.decisions[provider].clear()

    def persona(self, name: str) -> Persona:
        """A person with the accounts as they are now.

        Raises:
            PersonaUnknown: nobody is called so.
        """
        return self.world.cast.get(name)

    # What was received

    def requests(self, provider: Provider | None = None, endpoint: Endpoint | None = None) -> list[Received]:
        """The requests that arrived, oldest first."""
        return self.world.log.find(provider, endpoint)

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

    def clear_requests(self) -> None:
        """Forget the requests that arrived."""
        self.world.log.clear()
