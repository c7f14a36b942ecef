"""What a service that strangers can reach must not be started with. Pure, as `settings_rules`."""

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from app.settings import Secret, Settings

MIN_SECRET_CHARACTERS = 12  # every provider's are far longer

# What examples, tutorials and images ship with; no provider has ever issued one of these.
_SAMPLES = frozenset({"admin", "auth", "change-me", "change_me", "changeme", "default", "example", "guest", "pass"})
_SAMPLES |= {"password", "postgres", "qwerty", "redis", "root", "sample", "secret", "test", "user", "12345678"}
_OWN_NETWORK = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test", ".example", ".invalid")


def check_production(settings: "Settings") -> list[str]:
    """One line for each setting that is not fit for strangers."""
    return [*_check_surroundings(settings), *_check_stores(settings), *_check_providers(settings)]


def _check_surroundings(settings: "Settings") -> list[str]:
    complaints = []
    if not settings.has_https:
        complaints.append("PUBLIC_URL: production needs the https address that browsers see")
    if any(each.lower().startswith("http:") for each in settings.native_redirect_uris):
        complaints.append("NATIVE_REDIRECT_URIS: production needs https, or a scheme of the app's own")
    if not settings.email.host:
        complaints.append("EMAIL_HOST: production needs a mail server")
    if settings.email.password and is_sample(settings.email.password.value):
        complaints.append("EMAIL_PASSWORD: a sample value; take the one of the mail server")
    return complaints


def _check_stores(settings: "Settings") -> list[str]:
    """A password that stands in examples is none; without one, only this machine may be asked."""
    complaints = []
    if settings.database_url:
        parts = urlsplit(settings.database_url.value)
        if is_sample(unquote(parts.password or "")):
            complaints.append("DATABASE_URL: a sample password; give the database one of its own")
    address = settings.redis_address
    if address is not None:
        if address.password is None and not all(is_here(host) for host, _ in address.hosts):
            complaints.append("REDIS_URL: a Redis that is reached over the network needs a password")
        if is_sample(address.password or ""):
            complaints.append("REDIS_URL: a sample password; give Redis one of its own")
    return complaints


def _check_providers(settings: "Settings") -> list[str]:
    complaints = []
    for name, given in settings.providers.items():
        for attribute in ("client_secret", "service_token"):
            secret: Secret = getattr(given, attribute)
            if secret and (is_sample(secret.value) or len(secret.value) < MIN_SECRET_CHARACTERS):
                variable = f"{name}_{attribute.upper()}"
                complaints.append(f"{variable}: a sample or too short; take the one that the provider gave you")
        for attribute, address in given.addresses.items():
            if not address.startswith("https:"):
                complaints.append(f"{name}_{attribute.upper()}: production needs https")
            elif is_own_network(urlsplit(address).hostname or ""):
                complaints.append(f"{name}_{attribute.upper()}: an emulator, or another host that is no provider")
    return complaints


def is_sample(secret: str) -> bool:
    return secret.strip().lower() in _SAMPLES


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_own_network(host: str) -> bool:
    """Whether a host is none of the internet: a private address, a bare name, a reserved domain (RFC 6761)."""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_OWN_NETWORK)
