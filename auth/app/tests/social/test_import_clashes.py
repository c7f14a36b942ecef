"""Accounts from another system are in nobody's way here, and prove nothing that was not proven."""

import asyncio
from uuid import UUID

import pytest

from app.tests.social.accounts import sign_in
from app.tests.social.scene import Scene
from app.tests.social.transfer import ANNA_ID, BORIS_ID, bring, imported, line_of, stored, taken_out
from app.tests.support.people import execute, register
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Viewer

GLEB_ID = "0193a000-0000-7000-8000-00000000000b"
SAME_MAILBOX = ["anna@example.ru", "ANNA@EXAMPLE.RU", " Anna@example.ru ", "anna@EXAMPLE.ru"]


@pytest.mark.parametrize("spelt", SAME_MAILBOX)
async def test_one_mailbox_is_one_account_however_it_is_spelt(spelt: str, service: Service) -> None:
    """EM-12."""
    await register(service, "anna@example.ru")
    before = await stored(service)

    outcome = await bring(service, {"id": ANNA_ID, "email": spelt, "email_confirmed": True})

    assert outcome == (imported(0, refused=1), ["1 email"])
    assert await stored(service) == before


async def test_punycode_and_unicode_are_one_domain(service: Service) -> None:
    """EM-12: among the lines of one file as well."""
    lines = [
        {"id": ANNA_ID, "email": "anna@почта.рф", "email_confirmed": True},
        {"id": BORIS_ID, "email": "anna@xn--80a1acny.xn--p1ai", "email_confirmed": True},
    ]

    assert await bring(service, *lines) == (imported(1, refused=1), ["2 email"])


async def test_what_is_somebody_else_s_is_neither_overwritten_nor_shared(service: Service) -> None:
    """LK-19, EM-12: an address or identity of another account makes an error line, whoever it is."""
    await bring(service, line_of(ANNA_ID, "anna@example.ru", "1"), line_of(GLEB_ID, "gleb@example.ru"))
    async with service.viewer() as stranger:
        await stranger.post("/register", {"email": "vera@example.ru", "password": PASSWORD})
    before = await stored(service)

    outcome = await bring(
        service,
        line_of(BORIS_ID, "anna@example.ru"),
        line_of(BORIS_ID, "boris@example.ru", "1"),
        line_of(BORIS_ID, "vera@example.ru"),
        {"email": "vera@example.ru", "email_confirmed": True},  # nobody knows whether it was Vera who registered
        {**line_of(BORIS_ID, "gleb@example.ru", "1"), "id": None},  # of one the address, of another the identity
    )

    assert outcome == (imported(0, refused=5), ["1 email", "2 identities", "3 email", "4 email", "5 email"])
    assert await stored(service) == before


async def test_lines_about_one_account_are_imported_once(service: Service) -> None:
    lines = [line_of(ANNA_ID, "anna@example.ru", "1"), line_of(ANNA_ID, "other@example.ru", "2")]

    outcome = await bring(service, *lines, line_of(BORIS_ID, "Anna@example.ru"), line_of(BORIS_ID, "b@example.ru", "1"))

    assert outcome == (imported(1, there=1, refused=2), ["3 email", "4 identities"])
    assert [each["email"] for each in await taken_out(service)] == ["anna@example.ru"]


async def test_an_imported_address_that_nobody_confirmed_proves_nothing(service: Service, viewer: Viewer) -> None:
    """LK-12, EM-21: the other system's password is dead as soon as the mailbox's owner confirms another one."""
    await bring(service, {**line_of(ANNA_ID, "anna@example.ru"), "email_confirmed": False})
    unproven = await viewer.login("anna@example.ru")

    await viewer.post("/register", {"email": "anna@example.ru", "password": "seven quiet blue boats"})
    await viewer.post("/email/confirm", {"token": await service.confirmation_token("anna@example.ru")})

    assert unproven.code == "email-not-confirmed"
    assert (await viewer.login("anna@example.ru")).status == 401
    assert (await viewer.login("anna@example.ru", "seven quiet blue boats")).status == 200


async def test_an_unproven_import_gives_way_to_whoever_proves_the_address(scene: Scene) -> None:
    """LK-01, LK-12: its password and identities go with it."""
    persona = scene.newcomer()
    email = scene.emulator.persona(persona).accounts["yandex"].email
    assert email is not None
    await bring(scene.service, {**line_of(BORIS_ID, email, "666"), "email_confirmed": False})

    entered = await sign_in(scene, "yandex", persona)

    assert entered.is_new_account
    assert entered.id != BORIS_ID
    assert [each["subject"] for each in await execute(scene.service, "SELECT * FROM social_accounts")] != ["666"]
    async with scene.browser() as stranger:
        assert (await stranger.login(email)).status == 401


async def test_whoever_deleted_their_account_is_not_brought_back(service: Service, viewer: Viewer) -> None:
    """LK-28: by running the same import once more."""
    line = line_of(ANNA_ID, "anna@example.ru", "1")
    await bring(service, line)
    await viewer.login("anna@example.ru")
    assert (await viewer.delete("/me")).status == 204

    assert await bring(service, line) == (imported(0, refused=1), ["1 id"])
    assert await service.count("users") == 0


async def test_an_address_that_registers_at_this_moment_is_one_account(service: Service, viewer: Viewer) -> None:
    """EM-12: whoever is second finds the first; nothing else of the batch is lost."""
    lines = [line_of(str(UUID(int=each + 1)), f"viewer{each}@example.ru") for each in range(30)]
    bodies = [{"email": f"viewer{each}@example.ru", "password": PASSWORD} for each in range(30)]

    (tally, _), answers = await asyncio.gather(
        bring(service, *lines), asyncio.gather(*(viewer.post("/register", body) for body in bodies))
    )

    assert {answer.status for answer in answers} == {202}
    assert await service.count("users") == 30
    assert tally.imported + tally.refused == 30


async def test_of_two_imports_at_once_each_account_is_imported_once(service: Service) -> None:
    lines = [line_of(str(UUID(int=each + 1)), f"viewer{each}@example.ru", f"{each + 1}") for each in range(200)]

    first, second = await asyncio.gather(bring(service, *lines), bring(service, *lines))

    assert first[0].imported + second[0].imported == 200
    assert first[0].already_there + second[0].already_there == 200
    assert await service.count("users") == 200
