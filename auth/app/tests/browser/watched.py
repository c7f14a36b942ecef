"""What a browser does behind the page: its requests, its complaints."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage


@dataclass(kw_only=True)
class Watched:
    """What was seen so far.

    Attributes:
        complaints: warnings and errors of the console, refused requests included.
        script_errors: those of them that no answer of the service explains.
        foreign_hosts: hosts other than this machine that anything was asked of.
        addresses: every address that was asked for.
    """

    complaints: list[str] = field(default_factory=list)
    script_errors: list[str] = field(default_factory=list)
    foreign_hosts: set[str] = field(default_factory=set)
    addresses: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)
            # An answer of 4xx is a complaint of the browser, and a normal answer of an API.
            if not message.text.startswith("Failed to load resource: the server responded"):
                self.script_errors.append(message.text)

    def see(self, address: str) -> None:
        parts = urlsplit(address)
        self.addresses.append(address)
        if parts.scheme in {"http", "https"} and parts.hostname != "127.0.0.1":
            self.foreign_hosts.add(parts.hostname or "")


def watch(context: BrowserContext) -> Watched:
    """Begin to watch all tabs of a browser."""
    watched = Watched()
    context.on("console", watched.hear)
    context.on("weberror", lambda error: watched.script_errors.append(str(error.error)))
    context.on("request", lambda request: watched.see(request.url))
    return watched
