"""Settings: what is refused, in words that name the setting and never its value."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.settings import Secret, Settings, SettingsInvalid

SECRET = "s3cr3t-v4lue"
PRODUCTION = {"AUTH_ENVIRONMENT": "production", "AUTH_PUBLIC_URL": "https://auth.cinema.example"}
POSTGRESQL, REDIS = f"postgresql://auth:{SECRET}@database/auth", f"redis://:{SECRET}@redis"
YANDEX = {"AUTH_YANDEX_CLIENT_ID": "id", "AUTH_YANDEX_CLIENT_SECRET": SECRET}

# the variables, and the settings that the refusal has to name
REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "an unknown environment": ({"AUTH_ENVIRONMENT": SECRET}, "AUTH_ENVIRONMENT"),
    "a port that is no number": ({"AUTH_PORT": SECRET}, "AUTH_PORT"),
    "a port below nothing": ({"AUTH_PORT": "-1"}, "AUTH_PORT"),
    "a port beyond the last": ({"AUTH_PORT": "65536"}, "AUTH_PORT"),
    "no worker": ({"AUTH_WORKERS": "0"}, "AUTH_WORKERS"),
    "several workers on embedded stores": ({"AUTH_WORKERS": "2"}, "AUTH_WORKERS"),
    "several workers without Redis": ({"AUTH_WORKERS": "2", "AUTH_DATABASE_URL": POSTGRESQL}, "AUTH_WORKERS"),
    "several workers without PostgreSQL": ({"AUTH_WORKERS": "2", "AUTH_REDIS_URL": REDIS}, "AUTH_WORKERS"),
    "a Redis of no known form": ({"AUTH_REDIS_URL": f"redis+ring://:{SECRET}@redis"}, "AUTH_REDIS_URL"),
    "an unknown log level": ({"AUTH_LOG_LEVEL": SECRET}, "AUTH_LOG_LEVEL"),
    "neither true nor false": ({"AUTH_RATE_LIMITS": "perhaps"}, "AUTH_RATE_LIMITS"),
    "an unknown algorithm": ({"AUTH_SIGNATURE_ALGORITHM": "none"}, "AUTH_SIGNATURE_ALGORITHM"),
    "JW-02 a symmetric algorithm": ({"AUTH_SIGNATURE_ALGORITHM": "HS256"}, "AUTH_SIGNATURE_ALGORITHM"),
    "a life that is no time": ({"AUTH_ACCESS_TTL": SECRET}, "AUTH_ACCESS_TTL"),
    "a life of nothing": ({"AUTH_ACCESS_TTL": "0"}, "AUTH_ACCESS_TTL"),
    "a life below nothing": ({"AUTH_ACCESS_TTL": "-5"}, "AUTH_ACCESS_TTL"),
    "a life without end": ({"AUTH_ACCESS_TTL": "inf"}, "AUTH_ACCESS_TTL"),
    "an access token over the hard cap": ({"AUTH_ACCESS_TTL": "901"}, "AUTH_ACCESS_TTL"),
    "idle longer than two weeks": ({"AUTH_REFRESH_IDLE_TTL": "1209601"}, "AUTH_REFRESH_IDLE_TTL"),
    "idle longer than absolute": ({"AUTH_REFRESH_ABSOLUTE_TTL": "3600"}, "AUTH_REFRESH_IDLE_TTL"),
    "absolute longer than a month": ({"AUTH_REFRESH_ABSOLUTE_TTL": "2592001"}, "AUTH_REFRESH_ABSOLUTE_TTL"),
    "a window that hides theft": ({"AUTH_REFRESH_REUSE_WINDOW": "61"}, "AUTH_REFRESH_REUSE_WINDOW"),
    "a window below nothing": ({"AUTH_REFRESH_REUSE_WINDOW": "-1"}, "AUTH_REFRESH_REUSE_WINDOW"),
    "hashing without memory": ({"AUTH_ARGON2_MEMORY_KIB": "7"}, "AUTH_ARGON2_MEMORY_KIB"),
    "too little memory for the lanes": (
        {"AUTH_ARGON2_MEMORY_KIB": "16", "AUTH_ARGON2_PARALLELISM": "4"},
        "AUTH_ARGON2_MEMORY_KIB",
    ),
    "hashing without time": ({"AUTH_ARGON2_TIME_COST": "0"}, "AUTH_ARGON2_TIME_COST"),
    "no thread": ({"AUTH_HASH_THREADS": "0"}, "AUTH_HASH_THREADS"),
    "no place to wait": ({"AUTH_HASH_QUEUE": "0"}, "AUTH_HASH_QUEUE"),
    "a document without a version": ({"AUTH_CONSENTS": f"terms:3,{SECRET}"}, "AUTH_CONSENTS"),
    "an optional document of no name": ({"AUTH_CONSENTS_OPTIONAL": f":{SECRET}"}, "AUTH_CONSENTS_OPTIONAL"),
    "a document in two versions": ({"AUTH_CONSENTS": "terms:3,terms:4"}, "AUTH_CONSENTS"),
    "a document both ways": ({"AUTH_CONSENTS": "terms:3", "AUTH_CONSENTS_OPTIONAL": "terms:3"}, "AUTH_CONSENTS"),
    "proxies that are no networks": ({"AUTH_TRUSTED_PROXIES": SECRET}, "AUTH_TRUSTED_PROXIES"),
    "a network with bits of a host": ({"AUTH_TRUSTED_PROXIES": "10.0.0.1/8"}, "AUTH_TRUSTED_PROXIES"),
    "HT-02 every origin": ({"AUTH_CORS_ORIGINS": "*"}, "AUTH_CORS_ORIGINS"),
    "HT-02 the null origin": ({"AUTH_CORS_ORIGINS": "null"}, "AUTH_CORS_ORIGINS"),
    "HT-02 every subdomain": ({"AUTH_CORS_ORIGINS": "https://*.cinema.example"}, "AUTH_CORS_ORIGINS"),
    "HT-02 an origin with a path": ({"AUTH_CORS_ORIGINS": "https://cinema.example/x"}, "AUTH_CORS_ORIGINS"),
    "an address with a path": ({"AUTH_PUBLIC_URL": f"https://a.example/{SECRET}"}, "AUTH_PUBLIC_URL"),
    "an address with a password": ({"AUTH_PUBLIC_URL": f"https://a:{SECRET}@a.example"}, "AUTH_PUBLIC_URL"),
    "an address without a host": ({"AUTH_PUBLIC_URL": "https://?x"}, "AUTH_PUBLIC_URL"),
    "a script as a page": ({"AUTH_CONFIRM_PAGE_URL": "javascript:alert(1)"}, "AUTH_CONFIRM_PAGE_URL"),
    "an app's address that is none": ({"AUTH_NATIVE_REDIRECT_URIS": SECRET}, "AUTH_NATIVE_REDIRECT_URIS"),
    "an app's address with a fragment": (
        {"AUTH_NATIVE_REDIRECT_URIS": "vk1://vk.ru/blank.html#x"},
        "AUTH_NATIVE_REDIRECT_URIS",
    ),
    "the service's own address as an app's": (
        {"AUTH_NATIVE_REDIRECT_URIS": "http://localhost:8000/auth/api/v1/oauth/authorize?social=vk"},
        "AUTH_NATIVE_REDIRECT_URIS",
    ),
    "an unknown provider": ({"AUTH_SOCIAL_ORDER": f"yandex,{SECRET}"}, "AUTH_SOCIAL_ORDER"),
    "half a provider, no secret": ({"AUTH_YANDEX_CLIENT_ID": SECRET}, "AUTH_YANDEX_CLIENT_SECRET"),
    "half a provider, no id": ({"AUTH_GOOGLE_CLIENT_SECRET": SECRET}, "AUTH_GOOGLE_CLIENT_ID"),
    "half a provider, VK": ({"AUTH_VK_CLIENT_SECRET": SECRET}, "AUTH_VK_CLIENT_ID"),
    "a provider at no address": (YANDEX | {"AUTH_YANDEX_TOKEN_URL": "file:///etc/passwd"}, "AUTH_YANDEX_TOKEN_URL"),
    "a provider at a broken address": (YANDEX | {"AUTH_YANDEX_TOKEN_URL": "http://["}, "AUTH_YANDEX_TOKEN_URL"),
    "a provider with a password in it": (
        YANDEX | {"AUTH_YANDEX_PROFILE_URL": f"https://a:{SECRET}@a.example"},
        "AUTH_YANDEX_PROFILE_URL",
    ),
    "HT-06 production without https": ({"AUTH_ENVIRONMENT": "production"}, "AUTH_PUBLIC_URL"),
    "HT-06 production over http": (PRODUCTION | {"AUTH_PUBLIC_URL": "http://a.example"}, "AUTH_PUBLIC_URL"),
    "HT-06 production with a sample secret": (
        PRODUCTION | YANDEX | {"AUTH_YANDEX_CLIENT_SECRET": "ChangeMe"},
        "AUTH_YANDEX_CLIENT_SECRET",
    ),
    "HT-06 production with a provider over http": (
        PRODUCTION | YANDEX | {"AUTH_YANDEX_TOKEN_URL": "http://127.0.0.1:9000/token"},
        "AUTH_YANDEX_TOKEN_URL",
    ),
}


@pytest.mark.parametrize(("variables", "names"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_used_is_refused_by_name(variables: dict[str, str], names: str) -> None:
    with pytest.raises(SettingsInvalid) as refusal:
        Settings.read(variables)

    message = str(refusal.value)
    assert names in message
    values = [value for value in variables.values() if len(value) > 5 and value != "production"]
    assert not any(value in message for value in [*values, SECRET])


def test_everything_that_is_wrong_is_told_at_once() -> None:
    variables = {"AUTH_ACCESS_TTL": "0", "AUTH_WORKERS": "0", "AUTH_YANDEX_CLIENT_ID": "id"}

    with pytest.raises(SettingsInvalid) as refusal:
        Settings.read(variables)

    assert len(str(refusal.value).splitlines()) == 3


def test_nothing_has_to_be_set() -> None:
    settings = Settings.read({})

    assert settings == Settings()
    assert (settings.environment, settings.api_url) == ("development", "http://localhost:8000/auth/api/v1")
    assert (settings.cors_origins, settings.trusted_proxies, settings.return_urls) == ((), (), ())
    lives = (
        settings.access_ttl,
        settings.refresh_idle_ttl,
        settings.refresh_absolute_ttl,
        settings.refresh_reuse_window,
    )
    assert lives == (timedelta(minutes=5), timedelta(days=14), timedelta(days=30), timedelta(seconds=10))


def test_an_empty_variable_counts_as_not_set() -> None:
    """As Compose passes the ones that its file leaves open."""
    names = [
        "AUTH_PORT",
        "AUTH_ENVIRONMENT",
        "AUTH_YANDEX_CLIENT_ID",
        "AUTH_CORS_ORIGINS",
        "AUTH_YANDEX_CLIENT_SECRET_FILE",
    ]

    assert Settings.read(dict.fromkeys(names, "")) == Settings()


def test_values_are_read_as_operators_write_them() -> None:
    settings = Settings.read(
        {
            "AUTH_PUBLIC_URL": "https://auth.cinema.example/",
            "AUTH_ACCESS_TTL": "60",
            "AUTH_REFRESH_REUSE_WINDOW": "0",
            "AUTH_RATE_LIMITS": "false",
            "AUTH_REQUIRE_CONFIRMED_EMAIL": "0",
            "AUTH_CORS_ORIGINS": " https://a.example , https://b.example:8443,",
            "AUTH_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "AUTH_SOCIAL_ORDER": "vk,yandex",
            "AUTH_NATIVE_REDIRECT_URIS": "vk53000001://vk.ru/blank.html, com.example.app:/back?a=b",
            "OTHER_PORT": "1",
        }
    )

    assert (settings.origin, settings.has_https, settings.port) == ("https://auth.cinema.example", True, 8000)
    assert (settings.access_ttl, settings.refresh_reuse_window) == (timedelta(minutes=1), timedelta(0))
    assert (settings.rate_limits, settings.require_confirmed_email) == (False, False)
    assert settings.cors_origins == ("https://a.example", "https://b.example:8443")
    assert [str(network) for network in settings.trusted_networks] == ["10.0.0.0/8", "::1/128"]
    assert settings.social_order == ("vk", "yandex")
    assert settings.native_redirect_uris == ("vk53000001://vk.ru/blank.html", "com.example.app:/back?a=b")


def test_a_secret_can_be_read_from_a_file(tmp_path: Path) -> None:
    """HT-14: as containers are given secrets; the line end at its end is not part of it."""
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")

    settings = Settings.read({"AUTH_YANDEX_CLIENT_ID": "id", "AUTH_YANDEX_CLIENT_SECRET_FILE": str(file)})

    assert settings.yandex.client_secret.value == SECRET


@pytest.mark.parametrize("also", [{"AUTH_YANDEX_CLIENT_SECRET": SECRET}, {}], ids=["given twice", "no such file"])
def test_a_secret_file_that_cannot_be_used_is_refused(also: dict[str, str], tmp_path: Path) -> None:
    """HT-14: naming the setting, not the value."""
    variables = {"AUTH_YANDEX_CLIENT_ID": "id", "AUTH_YANDEX_CLIENT_SECRET_FILE": str(tmp_path / "nothing"), **also}

    with pytest.raises(SettingsInvalid, match="AUTH_YANDEX_CLIENT_SECRET_FILE") as refusal:
        Settings.read(variables)

    assert SECRET not in str(refusal.value)


def test_a_secret_shows_itself_to_nobody_who_does_not_ask() -> None:
    """HT-14: neither in the settings' `repr` nor in its own."""
    settings = Settings.read(YANDEX)

    shown = [repr(settings), str(settings), repr(settings.yandex), f"{settings.yandex.client_secret}"]
    assert not any(SECRET in each for each in shown)
    assert (bool(Secret("x")), bool(Secret(""))) == (True, False)


def test_a_public_vk_application_needs_no_secret() -> None:
    settings = Settings.read({"AUTH_VK_CLIENT_ID": "id"})

    assert settings.vk.client_id == "id"
