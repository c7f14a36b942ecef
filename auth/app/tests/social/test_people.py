"""All kinds of people sign in: without an address, with huge numbers, with names of any script."""

from typing import Any

import pytest

from app.tests.social.accounts import identity_of, sign_in
from app.tests.social.scene import OWN_DOMAIN, Scene
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVERYWHERE = [
    "no-email", "phone-only", "foreign-email", "cyrillic", "emoji", "long-name", "huge-id", "zero-birthday",
    "no-birthday", "no-avatar", "no-phone", "renamed", "everywhere",
]  # fmt: skip


@pytest.mark.parametrize("social", PROVIDERS)
@pytest.mark.parametrize("persona", EVERYWHERE)
async def test_everybody_signs_in_twice_to_one_account(persona: str, social: Provider, shared: Scene) -> None:
    first = await sign_in(shared, social, persona)
    second = await sign_in(shared, social, persona)

    assert (first.is_new_account, second.is_new_account) == (True, False)
    assert second.id == first.id


@pytest.mark.parametrize("social", PROVIDERS)
@pytest.mark.parametrize("how", ["absent", "null", "empty", "not granted"])
async def test_ya_7_vk_11_an_account_needs_no_address(how: str, social: Provider, shared: Scene) -> None:
    name = {"yandex": "default_email"}.get(social, "email")
    right: dict[Provider, list[str]] = {"yandex": ["login:email"], "vk": ["email"], "google": ["email"], "mail": []}
    somebody = shared.newcomer(email=None) if how == "absent" else shared.newcomer()
    if how in {"null", "empty"}:
        shared.emulator.override(somebody, social, {name: None if how == "null" else ""})
    if how == "not granted" and social == "mail":
        shared.emulator.override(somebody, social, {}, remove=["email"])  # Mail.ru has no right of its own for it
    shared.emulator.decide(social, persona=somebody, without=right[social] if how == "not granted" else ())

    async with shared.browser() as browser:
        signed_in = await browser.sign_in_with(social)
        me = await browser.get("/me")

    assert signed_in.status == 200
    assert (me.json["email"], me.json["email_confirmed"]) == (None, False)


async def test_many_people_without_an_address_are_many_accounts(shared: Scene) -> None:
    accounts = [await sign_in(shared, social, shared.newcomer(email=None)) for social in PROVIDERS for _ in range(2)]

    assert len({account.id for account in accounts}) == 8


@pytest.mark.parametrize("social", PROVIDERS)
async def test_go_10_ya_7_everything_that_can_be_declined_may_be(social: Provider, shared: Scene) -> None:
    rights: dict[Provider, list[str]] = {
        "yandex": ["login:info", "login:email", "login:avatar"],
        "vk": ["email"],
        "google": ["email", "profile"],
        "mail": [],
    }
    shared.emulator.decide(social, persona=shared.newcomer(), without=rights[social])

    async with shared.browser() as browser:
        answer = await browser.sign_in_with(social)

    assert answer.status == 200


@pytest.mark.parametrize("social", PROVIDERS)
async def test_a_proven_address_belongs_to_the_new_account(social: Provider, shared: Scene) -> None:
    account = await sign_in(shared, social, shared.newcomer())

    proven = account.me["email"] is not None
    assert proven == (social != "vk")
    assert account.me["email_confirmed"] == proven
    assert not proven or account.me["email"].endswith("@" + OWN_DOMAIN[social])
    assert account.me["has_password"] is False
    assert account.me["roles"] == []


GOOGLE_ADDRESSES = {"workspace": "wanda@firm.example", "third-party": None, "unverified": None}


@pytest.mark.parametrize(("persona", "email"), GOOGLE_ADDRESSES.items())
async def test_go_5_pv_08_google_proves_its_own_addresses_and_those_of_workspaces(
    persona: str, email: str | None, shared: Scene
) -> None:
    account = await sign_in(shared, "google", persona)

    assert account.me["email"] == email


NAMES: dict[str, Any] = {
    "surrogate": "\ud800Анна",
    "control characters": "Анна\r\nX-Evil: 1\x00\x1b[31m",
    "template": "{{7*7}}<script>alert(1)</script>",
    "right to left": "\u202eАнна",
    "very long": "я" * 300,
    "nothing visible": "\x00\x01",
    "number": 42,
    "list": ["Анна"],
}


@pytest.mark.parametrize("social", PROVIDERS)
@pytest.mark.parametrize("value", NAMES.values(), ids=NAMES)
async def test_no_name_disturbs(value: Any, social: Provider, shared: Scene) -> None:
    somebody = shared.newcomer()
    names = ("real_name", "display_name", "first_name", "last_name", "name")
    shared.emulator.override(somebody, social, dict.fromkeys(names, value))

    account = await sign_in(shared, social, somebody)

    name = account.me["name"]
    assert name is None or 0 < len(name) <= 100
    assert not set(name or "") & {"\r", "\n", "\x00", "\x1b", "\ud800"}


ADDRESSES: dict[str, Any] = {
    "surrogate": "\ud800@yandex.ru",
    "control characters": "a\r\nb@gmail.com",
    "no domain": "anna",
    "display form": "Anna <anna@gmail.com>",
    "two": "a@mail.ru, b@mail.ru",
    "quoted": '"a b"@mail.ru',
    "very long": "a" * 300 + "@mail.ru",
    "local host": "a@localhost",
    "address literal": "a@[127.0.0.1]",
    "list": ["a@mail.ru"],
    "number": 1,
}


@pytest.mark.parametrize("social", PROVIDERS)
@pytest.mark.parametrize("value", ADDRESSES.values(), ids=ADDRESSES)
async def test_what_is_no_address_is_no_address(value: Any, social: Provider, shared: Scene) -> None:
    somebody = shared.newcomer()
    shared.emulator.override(somebody, social, {"email": value, "default_email": value})

    account = await sign_in(shared, social, somebody)

    assert account.me["email"] is None
    assert (await identity_of(shared, social, somebody)).email is None


@pytest.mark.parametrize("social", PROVIDERS)
async def test_pr_12_nothing_in_a_profile_gives_rights(social: Provider, shared: Scene) -> None:
    somebody = shared.newcomer()
    claims = {"is_superuser": True, "roles": ["superuser"], "permissions": ["*"], "scope": "admin", "blocked": False}
    shared.emulator.override(somebody, social, claims)

    account = await sign_in(shared, social, somebody)

    assert (account.me["roles"], account.me["permissions"]) == ([], [])


@pytest.mark.parametrize("verified", ["true", "false", 1, [], None])
async def test_pr_12_only_a_json_true_is_a_proof(verified: Any, shared: Scene) -> None:
    somebody = shared.newcomer()
    shared.emulator.override(somebody, "google", {"email_verified": verified})

    account = await sign_in(shared, "google", somebody)

    assert account.me["email"] is None


async def test_a_picture_of_the_provider_is_shown(shared: Scene) -> None:
    account = await sign_in(shared, "yandex", shared.newcomer(avatar="131652443"))

    assert account.me["avatar_url"] == "https://avatars.yandex.net/get-yapic/131652443/islands-200"
