"""Accounts from another system: checked as if their owners had typed them here, and whole."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.social.import_accounts import BATCH, Report, import_accounts
from app.social.import_decision import ImportOptions
from app.tests.social.accounts import sign_in
from app.tests.social.scene import Scene
from app.tests.social.transfer import (
    ANNA,
    ANNA_ID,
    BORIS_ID,
    HASH,
    bring,
    imported,
    line_of,
    stored,
    taken_out,
)
from app.tests.support.clock import ManualClock
from app.tests.support.people import block, execute, register, signed_in
from app.tests.support.rights import make_role
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Viewer


async def test_an_imported_account_is_whole_and_its_owner_signs_in(service: Service, viewer: Viewer) -> None:
    await make_role(service, "editor", "films.edit")

    outcome = await bring(service, ANNA)
    login = await viewer.login("anna@example.ru")
    me = (await viewer.get("/me")).json
    own = (await viewer.get("/me/export")).json

    assert (outcome, login.status) == ((imported(1), []), 200)
    assert (me["id"], me["email"], me["email_confirmed"]) == (ANNA_ID, "Anna@example.ru", True)
    assert (me["name"], me["locale"], me["avatar_url"]) == ("Анна", "en", "https://cdn.example/anna.png")
    assert (me["roles"], me["permissions"], me["created_at"]) == (["editor"], ["films.edit"], "2020-02-29T12:00:00Z")
    assert [(each["social"], each["subject"]) for each in own["social_accounts"]] == [("vk", "4711")]
    assert [(each["document"], each["address"]) for each in own["consents"]] == [("terms", "203.0.113.7")]
    assert [(each["outcome"], each["role"]) for each in await history(service)][:1] == [("role-granted", "editor")]


async def history(service: Service) -> list[dict[str, Any]]:
    return await execute(service, "SELECT * FROM login_history ORDER BY id")


async def test_an_imported_identity_opens_its_account(scene: Scene) -> None:
    persona = scene.newcomer(subject="990000471", email=None)
    await bring(scene.service, {"id": BORIS_ID, "identities": [{"social": "vk", "subject": "990000471"}]})

    entered = await sign_in(scene, "vk", persona)

    assert (entered.id, entered.is_new_account) == (BORIS_ID, False)


BAD: dict[str, tuple[Any, str]] = {
    "no JSON": (b'{"email": ', ""),
    "no text": (b'\xff\xfe{"email"', ""),
    "a list": (b"[]", ""),
    "an unknown member": ({"emial": "a@example.ru"}, ""),
    "nobody could sign in": ({"name": "Анна"}, "email"),
    "AZ-07 a number as id": ({**ANNA, "id": 7}, "id"),
    "AZ-07 an id in capitals": ({**ANNA, "id": ANNA_ID.upper()}, "id"),
    "AZ-07 an id in braces": ({**ANNA, "id": f"{{{ANNA_ID}}}"}, "id"),
    "AZ-07 a path as id": ({**ANNA, "id": "../../etc/passwd"}, "id"),
    "no address": ({**ANNA, "email": "anna"}, "email"),
    "two addresses": ({**ANNA, "email": ["a@example.ru", "b@example.ru"]}, "email"),
    "nothing said of the address": ({"email": "a@example.ru"}, "email_confirmed"),
    "confirmed by coercion": ({**ANNA, "email_confirmed": "true"}, "email_confirmed"),
    "confirmed, but what": ({"email_confirmed": True, "identities": ANNA["identities"]}, "email_confirmed"),
    "an empty name": ({**ANNA, "name": " "}, "name"),
    "a name with a bell": ({**ANNA, "name": "An\u0007na"}, "name"),
    "a long name": ({**ANNA, "name": "а" * 101}, "name"),
    "another language": ({**ANNA, "locale": "secret-de"}, "locale"),
    "a picture that is a script": ({**ANNA, "avatar_url": "javascript:alert(1)"}, "avatar_url"),
    "a password in clear": ({**ANNA, "password_hash": PASSWORD}, "password_hash"),
    "a hash that costs seconds": ({**ANNA, "password_hash": HASH.replace("$04$", "$31$")}, "password_hash"),
    "a hash without an address": ({"identities": ANNA["identities"], "password_hash": HASH}, "password_hash"),
    "a moment without a zone": ({**ANNA, "created_at": "2020-02-29T12:00:00"}, "created_at"),
    "tomorrow": ({**ANNA, "created_at": "2999-01-01T00:00:00Z"}, "created_at"),
    "blocked by coercion": ({**ANNA, "blocked": 1}, "blocked"),
    "no such role": ({**ANNA, "roles": ["director"]}, "roles/0"),
    "a role by another name": ({**ANNA, "roles": ["Editor'--"]}, "roles/0"),
    "the superuser": ({**ANNA, "roles": ["editor", "superuser"]}, "roles/1"),
    "roles without proof": ({**ANNA, "email_confirmed": False}, "roles"),
    "an unknown network": ({**ANNA, "identities": [{"social": "myspace", "subject": "1"}]}, "identities/0/social"),
    "LK-04 nobody there": ({**ANNA, "identities": [{"social": "vk", "subject": "0"}]}, "identities/0/subject"),
    "a subject with a blank": ({**ANNA, "identities": [{"social": "vk", "subject": "1 2"}]}, "identities/0/subject"),
    "a subject that is a number": ({**ANNA, "identities": [{"social": "vk", "subject": 1}]}, "identities/subject"),
    "two of one network": ({**ANNA, "identities": [{"social": "vk", "subject": each} for each in "12"]}, "identities"),
    "a consent to nothing": ({**ANNA, "consents": [{**ANNA["consents"][0], "document": ""}]}, "consents/0"),
    "a consent from nowhere": (
        {**ANNA, "consents": [{**ANNA["consents"][0], "address": "here"}]},
        "consents/0/address",
    ),
    "a hundred and one roles": ({**ANNA, "roles": [f"role-{each}" for each in range(101)]}, "roles"),
    "a line too long": (b'{"name": "' + b"a" * 65536 + b'"}', ""),
}


async def test_a_bad_line_is_named_and_skipped_and_the_others_come_in(service: Service) -> None:
    """IN-14: by number, member and reason, never by value."""
    await make_role(service, "editor")
    reports: list[Report] = []
    lines = [line if isinstance(line, bytes) else json.dumps(line).encode() for line, _ in BAD.values()]

    tally = await import_accounts(
        service.services.social, [*lines, json.dumps(ANNA).encode()], ImportOptions(), reports.append
    )

    refusals = [each for report in reports for each in report.refusals]
    assert {name: each.field for name, each in zip(BAD, refusals, strict=True)} == {
        name: field for name, (_, field) in BAD.items()
    }
    assert [each.line for each in refusals] == [*range(1, len(BAD) + 1)]
    told = " ".join(each.reason for each in refusals)
    for value in (PASSWORD, HASH, HASH[:10], "secret-de", "myspace", "director", ANNA_ID, "example.ru"):
        assert value not in told
    assert tally == imported(1, refused=len(BAD))


async def test_a_second_import_changes_nothing(service: Service, viewer: Viewer, clock: ManualClock) -> None:
    """Also what its owner has changed since stays as it is."""
    await make_role(service, "editor")
    without_id = {name: value for name, value in ANNA.items() if name not in {"id", "identities"}}
    lines = [
        ANNA,
        {**without_id, "email": "boris@example.ru"},
        {"identities": [{"social": "yandex", "subject": "77"}]},
        {"email": "vera@example.ru", "email_confirmed": False, "password_hash": HASH},
    ]
    first = await bring(service, *lines)
    await viewer.login("anna@example.ru")
    await viewer.call("PATCH", "/me", json={"name": "Анна Петрова"})
    clock.advance(timedelta(minutes=1))
    before = await stored(service)

    second = await bring(service, *lines)

    assert (first, second) == ((imported(4), []), (imported(0, there=4), []))
    assert await stored(service) == before


async def test_superusers_come_when_that_is_wanted(service: Service, viewer: Viewer) -> None:
    line = {**line_of(ANNA_ID, "anna@example.ru"), "roles": ["superuser"]}

    refused = await bring(service, line)
    allowed = await bring(service, line, allow_superusers=True)

    assert (refused, allowed) == ((imported(0, refused=1), ["1 roles/0"]), (imported(1), []))
    await viewer.login("anna@example.ru")
    assert (await viewer.get("/me")).json["permissions"] == ["*"]


async def test_any_role_with_every_permission_is_a_superuser_s(service: Service) -> None:
    await make_role(service, "owner", "*")

    assert (await bring(service, {**ANNA, "roles": ["owner"]}))[1] == ["1 roles/0"]


async def test_a_blocked_account_comes_blocked(service: Service, viewer: Viewer) -> None:
    """LK-27."""
    await bring(service, {**line_of(ANNA_ID, "anna@example.ru"), "blocked": True})

    assert (await viewer.login("anna@example.ru")).code == "account-blocked"


async def test_a_dry_run_says_the_same_and_writes_nothing(service: Service) -> None:
    await register(service, "boris@example.ru")
    await make_role(service, "editor")
    lines = [ANNA, ANNA, line_of(BORIS_ID, "boris@example.ru"), {"email": "nobody"}]
    before = await stored(service)

    dry = await bring(service, *lines, dry_run=True)
    after = await stored(service)

    assert after == before
    assert dry == await bring(service, *lines) == (imported(1, there=1, refused=2), ["3 email", "4 email"])


async def test_batches_end_anywhere_and_numbers_go_on(service: Service) -> None:
    many = [{"email": f"viewer{each}@example.ru", "email_confirmed": True} for each in range(BATCH + 1)]

    outcome = await bring(service, *many[:BATCH], b"\n", b"  \n", many[BATCH], b"oops")

    assert outcome == (imported(BATCH + 1, refused=1), [f"{BATCH + 4} "])
    assert await service.count("users") == BATCH + 1


async def test_everything_comes_back_as_it_was_taken_out(tmp_path: Path, clock: ManualClock) -> None:
    """Into an empty service with the same roles: accounts of every kind."""
    async with serving(tmp_path / "old", clock) as old:
        await make_role(old, "editor", "films.edit")
        await bring(old, ANNA, {"id": BORIS_ID, "identities": [{"social": "mail", "subject": "x1"}], "blocked": True})
        async with signed_in(old, "vera@example.ru"), old.viewer() as newcomer:
            await newcomer.post("/register", {"email": "new@пример.рф", "password": PASSWORD, "name": "Ём"})
        await register(old, "gleb@example.ru")
        await block(old, "gleb@example.ru")
        taken = await taken_out(old)
    async with serving(tmp_path / "new", clock) as new, new.viewer() as vera:
        await make_role(new, "editor", "films.edit")
        outcome = await bring(new, *taken)

        assert outcome == (imported(len(taken)), [])
        assert await taken_out(new) == taken
        assert (await vera.login("vera@example.ru")).status == 200

    assert len(taken) == 5


async def test_hashes_go_along_only_when_they_are_wanted(service: Service) -> None:
    await bring(service, line_of(ANNA_ID, "anna@example.ru"))

    assert HASH in str(await taken_out(service))
    assert "password_hash" not in str(await taken_out(service, with_passwords=False))
