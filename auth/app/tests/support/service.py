"""The real service behind a real server, in the test's event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn

from app.bootstrap import Services, open_services
from app.cli.server import configure
from app.mail.compose import render
from app.mail.model import Message
from app.main import create_app
from app.ports.conflicts import rerun_on_conflict
from app.settings import BASE_PATH, EmailSettings, Settings
from app.tests.support import stores
from app.tests.support.clock import ManualClock
from app.tests.support.viewer import Viewer


@dataclass(frozen=True, kw_only=True)
class Service:
    """A running service.

    Attributes:
        url: scheme, host and port.
        services: a second door to the same database, for looking behind the answers.
    """

    url: str
    settings: Settings
    clock: ManualClock
    services: Services

    @property
    def api(self) -> str:
        return self.url + BASE_PATH

    @asynccontextmanager
    async def viewer(self, **headers: str) -> AsyncIterator[Viewer]:
        """A person with a browser of their own."""
        async with Viewer.open(self.api, headers) as viewer:
            yield viewer

    @rerun_on_conflict
    async def mails(self, to: str | None = None) -> list[Message]:
        """What was mailed, newest first, as people read it."""
        async with self.services.storage.transaction() as tx:
            found = [render(mail) for mail in await tx.outbox.newest(1000)]
        return [mail for mail in found if to is None or mail.to == to]

    async def confirmation_token(self, to: str) -> str:
        """The token in the newest confirmation mail to an address."""
        text = next(mail.text for mail in await self.mails(to) if "#token=" in mail.text)
        return text.split("#token=")[1].split()[0]

    @rerun_on_conflict
    async def count(self, table: str) -> int:
        """How many rows a table has."""
        async with self.services.storage.transaction() as tx:
            return int(await tx._connection.scalar(_count(table)) or 0)


def _count(table: str) -> Any:
    from sqlalchemy import func, select  # noqa: PLC0415

    from app.storage.sql.tables import metadata  # noqa: PLC0415

    return select(func.count()).select_from(metadata.tables[table])


def settings_for_test(data_dir: Path, **changes: Any) -> Settings:
    """Settings for a test: cheap hashing, no limits, no answer held back, everything else as in production."""
    cheap: dict[str, Any] = {"argon2_memory_kib": 8, "argon2_time_cost": 1, "hash_threads": 1}
    cheap |= {"rate_limits": False, "answer_step": timedelta(0)}
    return Settings(**{"data_dir": data_dir, **stores.settings_of_stores(data_dir), **cheap, **changes})


def production_settings(data_dir: Path, **changes: Any) -> Settings:
    """Settings for a test with which production starts; the mail server is named, and nobody is there."""
    email = EmailSettings(host="127.0.0.1", port=9, from_="auth@cinema.example")
    given = {"environment": "production", "public_url": "https://auth.cinema.example", "email": email}
    return settings_for_test(data_dir, **{**given, **changes})


@contextmanager
def free_socket() -> Iterator[socket.socket]:
    """A listening address on loopback that nobody else has."""
    # Named as TCP, so that asyncio switches Nagle's algorithm off: else many an answer comes 40 ms late.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener


@asynccontextmanager
async def run_service(settings: Settings, clock: ManualClock, listener: socket.socket) -> AsyncIterator[Service]:
    """Serve on a free port of loopback until the block is left."""
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = replace(settings, public_url=settings.public_url or url)
    config = configure(create_app(settings, clock))
    config.log_level = "critical"
    config.configure_logging()
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            if serving.done():
                await serving
            await asyncio.sleep(0)
        async with open_services(settings, clock) as services:
            yield Service(url=url, settings=settings, clock=clock, services=services)
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def serving(data_dir: Path, clock: ManualClock, **changes: Any) -> AsyncIterator[Service]:
    """Serve with some settings changed."""
    with free_socket() as listener:
        async with run_service(settings_for_test(data_dir, **changes), clock, listener) as running:
            yield running
