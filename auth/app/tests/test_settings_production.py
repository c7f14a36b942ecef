"""What production refuses (HT-06): the message names the setting, never its value."""

import pytest

from app.settings import Settings, SettingsInvalid

FIT = {
    "AUTH_ENVIRONMENT": "production",
    "AUTH_PUBLIC_URL": "https://auth.cinema.example",
    "AUTH_EMAIL_HOST": "smtp.cinema.example",
    "AUTH_EMAIL_FROM": "auth@cinema.example",
    "AUTH_EMAIL_USER": "auth",
    "AUTH_EMAIL_PASSWORD": "lqB7-mails",
    "AUTH_DATABASE_URL": "postgresql://auth:5kYw-database@database.cinema.example/auth",
    "AUTH_REDIS_URL": "redis://:9xQa-redis@redis.cinema.example:6379/0",
    "AUTH_WORKERS": "4",
    "AUTH_YANDEX_CLIENT_ID": "c1e0",
    "AUTH_YANDEX_CLIENT_SECRET": "0f7c2d1b9a8e4c35",
    "AUTH_YANDEX_TOKEN_URL": "https://oauth.yandex.com/token",
}

# the variables that are not fit, and a part of them that must not be repeated
REFUSED: dict[str, tuple[str, str, str]] = {
    "an address without TLS": ("AUTH_PUBLIC_URL", "http://auth.cinema.example", "cinema"),
    "an app's address without TLS": ("AUTH_NATIVE_REDIRECT_URIS", "http://cinema.example/app", "example/app"),
    "no mail server": ("AUTH_EMAIL_HOST", "", "smtp"),
    "a sample mail password": ("AUTH_EMAIL_PASSWORD", "changeme", "changeme"),
    "a sample database password": ("AUTH_DATABASE_URL", "postgresql://postgres:postgres@database/auth", "postgres:"),
    "a sample Redis password": ("AUTH_REDIS_URL", "redis://:redis@redis.cinema.example", ":redis@"),
    "a Redis on the network without a password": ("AUTH_REDIS_URL", "redis://redis.cinema.example", "cinema"),
    "a cluster without a password": ("AUTH_REDIS_URL", "redis+cluster://localhost,redis-2", "redis-2"),
    "a sample secret": ("AUTH_YANDEX_CLIENT_SECRET", "ChangeMe", "ChangeMe"),
    "a short secret": ("AUTH_YANDEX_CLIENT_SECRET", "0f7c2d1b9a8", "0f7c"),
    "a provider without TLS": ("AUTH_YANDEX_TOKEN_URL", "http://oauth.yandex.com/token", "yandex.com"),
    "an emulator on this machine": ("AUTH_YANDEX_TOKEN_URL", "https://localhost:8100/token", "8100"),
    "an emulator by address": ("AUTH_YANDEX_TOKEN_URL", "https://127.0.0.1:8100/token", "8100"),
    "an emulator in the private network": ("AUTH_YANDEX_TOKEN_URL", "https://10.1.2.3/token", "10.1"),
    "an emulator in a container": ("AUTH_YANDEX_TOKEN_URL", "https://emulator/token", "emulator/"),
    "an emulator under a reserved name": ("AUTH_YANDEX_TOKEN_URL", "https://yandex.localhost/token", "yandex."),
    "half of a provider": ("AUTH_YANDEX_CLIENT_ID", "", "c1e0"),
    "several workers on SQLite": ("AUTH_DATABASE_URL", "", "5kYw"),
}


def test_settings_that_are_fit_are_accepted() -> None:
    assert Settings.read(FIT).is_production


@pytest.mark.parametrize(("name", "value", "hidden"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_fit_is_refused_by_name_and_never_quoted(name: str, value: str, hidden: str) -> None:
    with pytest.raises(SettingsInvalid) as refusal:
        Settings.read({**FIT, name: value})

    assert name in str(refusal.value)
    assert hidden not in str(refusal.value)


@pytest.mark.parametrize("url", ["redis://localhost:6379/0", "redis://127.0.0.1", "redis://[::1]"])
def test_a_redis_on_this_very_machine_may_do_without_a_password(url: str) -> None:
    assert Settings.read({**FIT, "AUTH_REDIS_URL": url}).redis_address is not None


def test_development_takes_all_of_it_but_what_cannot_work() -> None:
    Settings.read({**FIT, **{name: value for name, value, _ in REFUSED.values() if value}, "AUTH_ENVIRONMENT": ""})
