"""What the development page has to know about the place it runs in."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from app.settings import PROVIDERS, Settings

_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def find_emulator(settings: Settings) -> str | None:
    """The address of the offline social networks, if any provider lives on this machine."""
    for social in PROVIDERS:
        given = settings.provider(social)
        parts = urlsplit(given.authorize_url or given.issuer)
        if given.client_id and _is_local(parts.hostname or ""):
            return f"{parts.scheme}://{parts.netloc}"
    return None


def is_own_host(host: str, origin: str) -> bool:
    """Whether a `Host` header names this service rather than a stranger's domain that points here.

    A web page elsewhere can make its own name resolve to this machine and would then read the mails
    as its own; it can do so with a name only, never with a bare address.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name in {"localhost", urlsplit(origin).hostname} or _is_address(name)


def _is_local(name: str) -> bool:
    return name in _LOCAL_HOSTS or name.endswith(".localhost")  # RFC 6761, section 6.3


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
