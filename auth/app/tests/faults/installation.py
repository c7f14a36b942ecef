"""An installation as operators have it, every part of which can be taken away."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.tests.support.mail_server import MailServer
from app.tests.support.process import Process, started
from app.tests.support.redis import RedisServer
from emulator import Emulator

PUBLIC_URL = "http://auth.example"
CALLBACK = f"{PUBLIC_URL}/auth/api/v1/oauth/authorize"


@dataclass(frozen=True, kw_only=True)
class Installation:
    """The parts around the service, which lives in processes of its own.

    Attributes:
        database: the address of its database.
        redis: a server of its own.
    """

    folder: Path
    database: str
    redis: RedisServer
    mail: MailServer
    emulator: Emulator

    def tokens_mailed_to(self, email: str) -> list[str]:
        """The one-time tokens in the mails to an address, oldest first."""
        bodies = [mail.get_body(("plain",)) for mail in self.mail.taken if mail["To"] == email]
        texts = [body.get_content() for body in bodies if body is not None]
        return [text.split("#token=")[1].split()[0] for text in texts if "#token=" in text]

    @asynccontextmanager
    async def serving(
        self, changes: Mapping[str, str] | None = None, *, count: int = 1
    ) -> AsyncIterator[list[Process]]:
        """So many services side by side on the same stores."""
        async with AsyncExitStack() as stack:
            yield [
                await stack.enter_async_context(self.one_serving(f"service-{number}", changes))
                for number in range(count)
            ]

    @asynccontextmanager
    async def one_serving(self, name: str, changes: Mapping[str, str] | None = None) -> AsyncIterator[Process]:
        """One service, with its log in a folder of this name."""
        folder = self._folder(name)
        async with started(folder, **{**self._settings(), **(changes or {})}) as process:
            yield process

    def _folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def _settings(self) -> dict[str, str]:
        return {
            **self.emulator.environment(),
            "AUTH_DATABASE_URL": self.database,
            "AUTH_REDIS_URL": f"{self.redis.url}/0",
            "AUTH_PUBLIC_URL": PUBLIC_URL,
            "AUTH_WORKERS": "2",
            "AUTH_RATE_LIMITS": "true",
            "AUTH_TRUSTED_PROXIES": "127.0.0.1",
            "AUTH_EMAIL_HOST": "127.0.0.1",
            "AUTH_EMAIL_PORT": str(self.mail.port),
            "AUTH_EMAIL_FROM": "auth@cinema.example",
            "AUTH_EMAIL_TLS": "none",
        }
