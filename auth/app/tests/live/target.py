"""The running service that the tests here are about, wherever it runs."""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlsplit

import aiohttp

from app.development.surroundings import find_emulator
from app.settings import BASE_PATH, Settings

PATIENCE_SECONDS = 120
STEADY_SECONDS = 2  # whoever is about to be restarted answers for a moment yet
PACE_SECONDS = 0.25
CATCHER = "auth-mail"


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where the service is, and what it was started with.

    Attributes:
        url: scheme, host and port by which the tests reach it; browsers may see another address.
        variables: the environment in which its commands run.
    """

    url: str
    settings: Settings
    variables: Mapping[str, str] = field(repr=False)

    @property
    def api(self) -> str:
        return self.url + BASE_PATH

    @property
    def own_address(self) -> str:
        """The address from which the service sees the tests come."""
        parts = urlsplit(self.url)
        with socket.create_connection((parts.hostname or "", parts.port or 80)) as connection:
            return str(connection.getsockname()[0])

    @property
    def emulator(self) -> str | None:
        """The offline social networks, where the service has them instead of the real ones."""
        return find_emulator(self.settings)

    @property
    def catcher(self) -> str | None:
        """The mail catcher of docker-compose.yml, where the service sends its mail there."""
        return f"http://{CATCHER}:8025" if self.settings.email.host == CATCHER else None

    def reached(self, address: str) -> str:
        """An address that the service made for browsers, as the tests reach it."""
        return address.replace(self.settings.origin, self.url, 1)


def wait_until_ready(url: str) -> None:
    """Return when the service has been ready for a moment, and say what it waits for.

    Raises:
        TimeoutError: it was not within `PATIENCE_SECONDS`.
    """
    print(f"\nWaiting for {url}/readyz, {PATIENCE_SECONDS} seconds at most.", flush=True)  # noqa: T201
    asyncio.run(_wait_until_ready(url))


async def _wait_until_ready(url: str) -> None:
    deadline, ready_since, last = monotonic() + PATIENCE_SECONDS, None, ""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        while ready_since is None or monotonic() - ready_since < STEADY_SECONDS:
            found = await _ask(session, url)
            ready_since = (ready_since or monotonic()) if found == "ready" else None
            if found not in {last, "ready"}:
                print(f"Not ready: {found}", flush=True)  # noqa: T201
            last = found
            if monotonic() > deadline:
                raise TimeoutError(f"{url} was not ready within {PATIENCE_SECONDS} seconds: {found}")
            await asyncio.sleep(PACE_SECONDS)


async def _ask(session: aiohttp.ClientSession, url: str) -> str:
    try:
        async with session.get(f"{url}/readyz") as answer:
            return "ready" if answer.status == 200 else await answer.text()
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__
