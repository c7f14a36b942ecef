"""The scripted people: each shows one thing that a client must cope with (ALL-8)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.names import PROVIDERS, Provider
from emulator.personas import Account, Persona

_OWN_DOMAIN: Mapping[Provider, str] = {
    "yandex": "yandex.ru",
    "vk": "viewer.example",  # VK hosts no mail for people: their addresses are elsewhere
    "google": "gmail.com",
    "mail": "mail.ru",
}

_LONG = "Вольфешлегельштайнхаузенбергердорф" * 8


def _subject(provider: Provider, number: int) -> str:
    """Ids of the sizes seen in life: short for VK, 21 digits for Google."""
    return {
        "yandex": f"1130000000{number:06d}",
        "vk": f"{700_000_000 + number}",
        "google": f"10987654321000{number:07d}",
        "mail": f"{1_400_000_000 + number}",
    }[provider]


def _avatar(provider: Provider, number: int) -> str:
    return f"{131_652_000 + number}" if provider == "yandex" else f"https://avatars.example/{provider}/{number}.jpg"


def _person(name: str, title: str, first_name: str, last_name: str, number: int, **same: Any) -> Persona:
    """A person with an account at every provider; `same` holds at each of them."""
    accounts = {}
    for provider in PROVIDERS:
        plain = Account(
            subject=_subject(provider, number),
            login=f"{name}.emulated",
            first_name=first_name,
            last_name=last_name,
            # The odd suffix keeps the addresses away from mailboxes of real people.
            email=f"{name}.emulated@{_OWN_DOMAIN[provider]}",
            phone=f"+7900{number:07d}",
            birthday="1990-02-01",
            sex="female",
            avatar=_avatar(provider, number),
        )
        accounts[provider] = replace(plain, **same)
    return Persona(name=name, title=title, accounts=accounts)


def _at(person: Persona, provider: Provider, **changes: Any) -> Persona:
    account = replace(person.accounts[provider], **changes)
    return replace(person, accounts={**person.accounts, provider: account})


def _only(person: Persona, *providers: Provider) -> Persona:
    return replace(person, accounts={name: person.accounts[name] for name in providers})


def _huge_id() -> Persona:
    person = _person("huge-id", "Номер длиннее 32 и 64 бит", "Вера", "Дальняя", 9)
    person = _at(person, "yandex", subject="9223372036854775809")
    person = _at(person, "vk", subject="8589934593")
    person = _at(person, "google", subject="118446744073709551617")
    return _at(person, "mail", subject="9007199254740993")


def _shared(suffix: str, number: int) -> Persona:
    person = _person(f"shared-{suffix}", "Делит один адрес с другим человеком", "Пара", suffix.title(), number)
    for provider in PROVIDERS:
        person = _at(person, provider, email=f"shared.emulated@{_OWN_DOMAIN[provider]}")
    return person


def _ordinary() -> tuple[Persona, ...]:
    return (
        _person("anna", "Обычный зритель", "Anna", "Petrova", 1),
        _person("boris", "Ещё один обычный зритель", "Boris", "Ivanov", 2, sex="male"),
    )


def _with_other_addresses() -> tuple[Persona, ...]:
    nothing: dict[str, Any] = {"email": None, "birthday": None, "sex": None, "avatar": None}
    return (
        _person("no-email", "Нет адреса почты", "Нина", "Безадресная", 3, email=None),
        _person("foreign-email", "Адрес на чужом домене", "Фёдор", "Чужедомов", 4, email="fedor@firm.example"),
        _person("phone-only", "Только телефон", "Тимур", "Звонков", 5, **nothing),
        _shared("one", 17),
        _shared("two", 18),
        _person("renamed", "Меняет имя входа и адрес, номер прежний", "Роза", "Сменова", 19),
        _person("everywhere", "Один адрес у всех провайдеров", "Эля", "Единая", 20, email="ella@everywhere.example"),
    )


def _with_odd_profiles() -> tuple[Persona, ...]:
    return (
        _person("cyrillic", "Имя кириллицей", "Ёлка", "Щукина-Объездчикова", 6),
        _person("emoji", "Имя с эмодзи вне базовой плоскости", "🎬 Кино", "👩‍👧 𝔐𝔞𝔫𝔦𝔞", 7),
        _person("long-name", "Очень длинное имя", _LONG, _LONG, 8),
        _person("zero-birthday", "День рождения без года", "Зоя", "Нулевая", 13, birthday="0000-12-23"),
        _person("no-birthday", "День рождения не указан", "Никита", "Безгодов", 14, birthday=None),
        _person("no-avatar", "Нет портрета", "Пётр", "Безликий", 15, avatar=None),
        _person("no-phone", "Телефон разрешён, но не передан", "Тихон", "Молчун", 16, phone=None),
        _person("same-id", "Один номер у всех провайдеров", "Иван", "Двойник", 21, subject="123456789"),
        _huge_id(),
    )


def _at_google() -> tuple[Persona, ...]:
    firm = {"email": "wanda@firm.example", "hd": "firm.example"}
    third = {"email": "theo@elsewhere.example"}
    unverified: dict[str, Any] = {"email": "una@elsewhere.example", "email_verified": False}
    people = (
        _person("workspace", "Google Workspace (hd)", "Wanda", "Work", 10, **firm),
        _person("third-party", "Google с чужим подтверждённым адресом, без hd", "Theo", "Third", 11, **third),
        _person("unverified", "Google, адрес не подтверждён", "Una", "Verified", 12, **unverified),
    )
    return tuple(_only(person, "google") for person in people)


def scripted_people() -> tuple[Persona, ...]:
    """Everybody who comes along with the emulator, the ordinary viewer first."""
    return (*_ordinary(), *_with_other_addresses(), *_with_odd_profiles(), *_at_google())
