"""Which settings do not go together. Pure: each rule looks at the values and complains, or not."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.redis_address import FORMS
from app.settings_production import check_production

if TYPE_CHECKING:
    from app.settings import ProviderSettings, Settings

MAX_ACCESS_TTL = timedelta(minutes=15)
MAX_IDLE_TTL = timedelta(days=14)
MAX_ABSOLUTE_TTL = timedelta(days=30)  # NIST SP 800-63B-4, section 2.1.3
MAX_REUSE_WINDOW = timedelta(minutes=1)
MAX_ANSWER_STEP = timedelta(seconds=5)
MIN_HISTORY, MAX_HISTORY = timedelta(days=1), timedelta(days=36500)

_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")

_DOCUMENT = re.compile(r"[a-z][a-z0-9-]{0,31}:[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_ABSOLUTE_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/[!-\"$-~]+")  # no fragment (RFC 6749, section 3.1.2)

_OPENID_FINDS = ("authorize_url", "token_url", "profile_url")


def find_complaints(settings: "Settings") -> list[str]:
    """One line for each setting that cannot be used, naming it and never its value."""
    rules = [
        _check_numbers,
        _check_lives,
        _check_network,
        _check_stores,
        _check_email,
        _check_consents,
        _check_providers,
    ]
    if settings.is_production:
        rules.append(check_production)
    return [f"AUTH_{complaint}" for rule in rules for complaint in rule(settings)]


def _check_numbers(settings: "Settings") -> list[str]:
    least = {"workers": 1, "argon2_memory_kib": 8, "argon2_time_cost": 1, "argon2_parallelism": 1}
    least |= {"hash_threads": 1, "hash_queue": 1, "port": 0, "drain_seconds": 0}
    complaints = [
        f"{name.upper()}: must be at least {limit}" for name, limit in least.items() if getattr(settings, name) < limit
    ]
    if settings.argon2_memory_kib < 8 * settings.argon2_parallelism:
        complaints.append("ARGON2_MEMORY_KIB: must be at least 8 for each of AUTH_ARGON2_PARALLELISM")
    if settings.port > 65535:
        complaints.append("PORT: must be at most 65535")
    return complaints


def _check_lives(settings: "Settings") -> list[str]:
    checks = {
        "ACCESS_TTL: more than nothing, and at most 15 minutes": timedelta(0) < settings.access_ttl <= MAX_ACCESS_TTL,
        "REFRESH_IDLE_TTL: more than nothing, and at most 14 days and AUTH_REFRESH_ABSOLUTE_TTL": (
            timedelta(0) < settings.refresh_idle_ttl <= min(settings.refresh_absolute_ttl, MAX_IDLE_TTL)
        ),
        "REFRESH_ABSOLUTE_TTL: at most 30 days": settings.refresh_absolute_ttl <= MAX_ABSOLUTE_TTL,
        "REFRESH_REUSE_WINDOW: at most a minute, or it would hide theft": (
            timedelta(0) <= settings.refresh_reuse_window <= MAX_REUSE_WINDOW
        ),
        "ANSWER_STEP: from nothing to five seconds": timedelta(0) <= settings.answer_step <= MAX_ANSWER_STEP,
        "HISTORY_RETENTION: from a day to a hundred years": MIN_HISTORY <= settings.history_retention <= MAX_HISTORY,
    }
    return [rule for rule, holds in checks.items() if not holds]


def _check_network(settings: "Settings") -> list[str]:
    """Whether our own address and those of front ends are origins: scheme, host, perhaps a port, nothing else."""
    complaints = []
    if settings.public_url and not _ORIGIN.fullmatch(settings.public_url.rstrip("/")):
        complaints.append("PUBLIC_URL: scheme and host only, as in https://auth.example.org")
    if not all(_ORIGIN.fullmatch(each) for each in settings.cors_origins):
        complaints.append("CORS_ORIGINS: each is scheme and host, as in https://cinema.example; * is none")
    if not all(_ABSOLUTE_URI.fullmatch(each) for each in settings.native_redirect_uris):
        complaints.append("NATIVE_REDIRECT_URIS: each is an absolute address without a fragment")
    if any(each.lower().startswith(settings.api_url.lower()) for each in settings.native_redirect_uris):
        complaints.append("NATIVE_REDIRECT_URIS: an address of this service; a code that comes here is no app's")
    complaints += [
        f"{name}: not an absolute http or https address"
        for name in ("CONFIRM_PAGE_URL", "RESET_PAGE_URL", "UNDO_PAGE_URL", "DENY_PAGE_URL")
        if (page := getattr(settings, name.lower())) and not _is_absolute(page)
    ]
    try:
        _ = settings.trusted_networks
    except ValueError:
        complaints.append("TRUSTED_PROXIES: not a list of addresses or networks")
    return complaints


def _check_stores(settings: "Settings") -> list[str]:
    complaints = []
    if settings.database_url and not re.fullmatch(r"postgres(ql)?://[^\s]+", settings.database_url.value):
        complaints.append("DATABASE_URL: not of the form postgresql://user:password@host:port/name")
    try:
        _ = settings.redis_address
    except ValueError:
        complaints.append(f"REDIS_URL: not of the form {FORMS}")
    if settings.workers > 1 and not (settings.database_url and settings.redis_url):
        complaints.append("WORKERS: more than one needs AUTH_DATABASE_URL and AUTH_REDIS_URL")
    return complaints


def _check_email(settings: "Settings") -> list[str]:
    email, complaints = settings.email, []
    if email.host and "@" not in email.from_:
        complaints.append("EMAIL_FROM: the mail server needs a sender's address")
    if bool(email.user) != bool(email.password):
        complaints.append("EMAIL_USER and AUTH_EMAIL_PASSWORD: set both or neither")
    if email.user and email.tls == "none":
        complaints.append("EMAIL_TLS: a password must not travel in clear")
    return complaints


def _check_consents(settings: "Settings") -> list[str]:
    lists = {"CONSENTS": settings.consents, "CONSENTS_OPTIONAL": settings.consents_optional}
    complaints = [
        f"{name}: each is a document and its version, as in personal-data:2026-01,terms:3"
        for name, documents in lists.items()
        if not all(_DOCUMENT.fullmatch(each) for each in documents)
    ]
    names = [each.partition(":")[0] for documents in lists.values() for each in documents]
    if len(set(names)) < len(names):
        complaints.append("CONSENTS and AUTH_CONSENTS_OPTIONAL: a document has one present version")
    return complaints


def _check_providers(settings: "Settings") -> list[str]:
    complaints = []
    for name, given in settings.providers.items():
        may_lack_secret = name == "VK" or not given.client_id
        if (given.client_secret and not given.client_id) or not (given.client_secret or may_lack_secret):
            complaints.append(f"{name}_CLIENT_ID and AUTH_{name}_CLIENT_SECRET: set both or neither")
        complaints += [f"{name}_{attribute.upper()}: {reason}" for attribute, reason in _without_effect(name, given)]
        for attribute, address in given.addresses.items():
            if not _is_absolute(address):
                complaints.append(f"{name}_{attribute.upper()}: not an absolute http or https address")
    return complaints


def _without_effect(name: str, given: "ProviderSettings") -> list[tuple[str, str]]:
    """Settings that this provider's protocol has no use for: better refused than ignored."""
    if name == "GOOGLE":
        useless = dict.fromkeys(_OPENID_FINDS, "comes from discovery; AUTH_GOOGLE_ISSUER moves it")
    else:
        useless = {"issuer": "only Google is found by its issuer"}
    if name == "VK":
        useless["client_secret"] = "VK ID takes none; a confidential application sets AUTH_VK_SERVICE_TOKEN"
    else:
        useless["service_token"] = "only VK ID has one"
    return [(attribute, reason) for attribute, reason in useless.items() if getattr(given, attribute)]


def _is_absolute(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username
