"""Every setting of the service, read once from the environment; nothing else reads it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal, Self, get_type_hints

import msgspec
from dotenv import dotenv_values

from app.redis_address import RedisAddress, read_redis_address
from app.settings_rules import find_complaints

PREFIX = "AUTH_"
BASE_PATH = "/auth/api/v1"

Social = Literal["yandex", "vk", "google", "mail"]
PROVIDERS: tuple[Social, ...] = ("yandex", "vk", "google", "mail")
Network = IPv4Network | IPv6Network


class SettingsInvalid(Exception):
    """The environment cannot be used. The message names settings, never their values."""


class Secret:
    """A text that shows itself to nobody who does not ask for its `value`."""

    def __init__(self, value: str = "") -> None:
        self.value = value

    def __bool__(self) -> bool:
        return bool(self.value)


NO_SECRET = Secret()


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """One provider's application, and where the provider lives if not at its usual address.

    Attributes:
        client_secret: empty for a public VK ID application, which has none.
        service_token: VK ID's confidential mode only.
        issuer: OpenID Connect providers only; discovery starts here.
        client_auth: how the client proves itself at the token endpoint, where providers differ.
        scope: the rights to ask for, separated by spaces, instead of the usual ones.
        redirect_style: `path` for consoles that refuse a redirect URI with a query in it.
    """

    client_id: str = ""
    client_secret: Secret = NO_SECRET
    service_token: Secret = NO_SECRET
    authorize_url: str = ""
    token_url: str = ""
    profile_url: str = ""
    issuer: str = ""
    client_auth: Literal["", "basic", "body"] = ""
    scope: str = ""
    redirect_style: Literal["query", "path"] = "query"

    @property
    def addresses(self) -> dict[str, str]:
        """Where the provider lives, as far as that is set: attribute and address."""
        names = ("authorize_url", "token_url", "profile_url", "issuer")
        return {name: address for name in names if (address := getattr(self, name))}


@dataclass(frozen=True, kw_only=True)
class EmailSettings:
    """The mail server. Without a host, development shows mail on a page instead of sending it.

    Attributes:
        from_: what stands in `From`, for example `Кинотеатр <auth@cinema.example>`.
        tls: `tls` from the first byte on (usually port 465), `starttls` after a greeting in clear.
    """

    host: str = ""
    port: int = 587
    user: str = ""
    password: Secret = NO_SECRET
    from_: str = ""
    tls: Literal["none", "starttls", "tls"] = "starttls"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The whole configuration. Each field is the variable `AUTH_<FIELD>`; times are in seconds.

    Raises:
        SettingsInvalid: the values do not go together.
    """

    environment: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    drain_seconds: int = 0
    public_url: str = ""
    data_dir: Path = Path(".data")
    database_url: Secret = NO_SECRET
    redis_url: Secret = NO_SECRET
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    yandex: ProviderSettings = ProviderSettings()
    vk: ProviderSettings = ProviderSettings()
    google: ProviderSettings = ProviderSettings()
    mail: ProviderSettings = ProviderSettings()
    social_order: tuple[Social, ...] = PROVIDERS
    social_policy: Literal["all", "ru"] = "all"
    provider_ca_file: Path | None = None

    email: EmailSettings = EmailSettings()
    return_urls: tuple[str, ...] = ()
    native_redirect_uris: tuple[str, ...] = ()
    confirm_page_url: str = ""
    reset_page_url: str = ""
    undo_page_url: str = ""
    deny_page_url: str = ""
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()

    audience: str = "cinema"
    access_ttl: timedelta = timedelta(minutes=5)
    refresh_idle_ttl: timedelta = timedelta(days=14)
    refresh_absolute_ttl: timedelta = timedelta(days=30)
    refresh_reuse_window: timedelta = timedelta(seconds=10)
    signature_algorithm: Literal["EdDSA", "RS256"] = "EdDSA"
    history_retention: timedelta = timedelta(days=365)
    require_confirmed_email: bool = True
    consents: tuple[str, ...] = ()
    consents_optional: tuple[str, ...] = ()
    rate_limits: bool = True
    answer_step: timedelta = timedelta(milliseconds=100)

    argon2_memory_kib: int = 19456
    argon2_time_cost: int = 2
    argon2_parallelism: int = 1
    hash_threads: int = field(default_factory=lambda: os.cpu_count() or 1)
    hash_queue: int = 64

    def __post_init__(self) -> None:
        complaints = find_complaints(self)
        if complaints:
            raise SettingsInvalid("\n".join(complaints))

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def origin(self) -> str:
        """Scheme, host and port that browsers see, without a trailing slash."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def has_https(self) -> bool:
        return self.origin.startswith("https:")

    @property
    def api_url(self) -> str:
        return self.origin + BASE_PATH

    @property
    def trusted_networks(self) -> tuple[Network, ...]:
        return tuple(ip_network(each) for each in self.trusted_proxies)

    @property
    def redis_address(self) -> RedisAddress | None:
        """Raises: ValueError, when the address has no known form."""
        return read_redis_address(self.redis_url.value) if self.redis_url else None

    @property
    def providers(self) -> dict[str, ProviderSettings]:
        """Each provider's settings by the name that stands in its variables."""
        return {social.upper(): self.provider(social) for social in PROVIDERS}

    def provider(self, social: Social) -> ProviderSettings:
        found: ProviderSettings = getattr(self, social)
        return found

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings from the environment, secrets by `AUTH_NAME_FILE` included.

        Args:
            environment: by default the process's own variables over those of the file `.env` in
                the working folder, if there is one.

        Raises:
            SettingsInvalid: naming each unusable setting, without values.
        """
        if environment is None:
            environment = {name: value or "" for name, value in dotenv_values(".env").items()} | dict(os.environ)
        given = _read_secret_files(environment)
        complaints: list[str] = []
        providers = {social: _convert(ProviderSettings, given, f"{social}_", complaints) for social in PROVIDERS}
        email = _convert(EmailSettings, given, "email_", complaints)
        values = _convert(Settings, given, "", complaints)
        if complaints:
            raise SettingsInvalid("\n".join(complaints))
        values |= {social: ProviderSettings(**found) for social, found in providers.items()}
        return cls(email=EmailSettings(**email), **values)


def set_environment(variables: Mapping[str, str]) -> None:
    """Give variables to this process unless they are set, before the settings are read."""
    for name, value in variables.items():
        if not os.environ.get(name):  # set but empty counts as not set, here as in `Settings.read`
            os.environ[name] = value


def _read_secret_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Resolve `AUTH_X_FILE=/path` to `AUTH_X=<content>`, as container secrets are given."""
    values = {name: value for name, value in environment.items() if name.startswith(PREFIX) and value}
    known = {*_names(Settings, ""), *_names(EmailSettings, "email_")}
    known |= {name for social in PROVIDERS for name in _names(ProviderSettings, f"{social}_")}
    for name in [each for each in values if each not in known]:
        target = name.removesuffix("_FILE")
        if target == name or target not in known:
            continue
        if target in values:
            raise SettingsInvalid(f"{target} and {name}: set one of them")
        try:
            values[target] = Path(values[name]).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsInvalid(f"{name}: the file cannot be read ({error.strerror})") from None
    return values


def _names(model: type, prefix: str) -> dict[str, str]:
    """The variable of each field."""
    return {f"{PREFIX}{prefix}{each.name}".upper().rstrip("_"): each.name for each in fields(model)}


def _convert(model: type, given: Mapping[str, str], prefix: str, complaints: list[str]) -> dict[str, Any]:
    """Turn the variables of one model into values; an empty one counts as not set, as Compose passes them."""
    kinds = get_type_hints(model)
    values: dict[str, Any] = {}
    for name, attribute in _names(model, prefix).items():
        if name not in given:
            continue
        kind: Any = kinds[attribute]
        raw: Any = given[name]
        if getattr(kind, "__origin__", None) is tuple:
            raw = [word.strip() for word in raw.split(",") if word.strip()]
        try:
            values[attribute] = msgspec.convert(raw, kind, strict=False, dec_hook=_decode)
        except (msgspec.ValidationError, ValueError):
            complaints.append(f"{name}: not an acceptable value")
    return values


def _decode(kind: Any, value: Any) -> Any:
    if kind not in {Path, Secret}:
        raise NotImplementedError
    return kind(value)
