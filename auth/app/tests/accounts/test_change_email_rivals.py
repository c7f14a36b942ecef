"""Two people want one address: whoever proves it has it, and what was prepared for the other is dead."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from app.accounts.change_email import EmailChange, change_email
from app.accounts.email_address import parse_email
from app.accounts.errors import CurrentPasswordWrong
from app.errors import AuthenticationRequired
from app.tests.support.changes import NEW, ask, asked, confirm
from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, register, signed_in, stored_user
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Viewer

ANNA = "anna@example.ru"
OTHER_PASSWORD = "seven quiet blue boats"


async def test_an_address_that_somebody_has_confirmed_meanwhile_is_theirs(service: Service, anna: Viewer) -> None:
    token = await asked(service, anna)
    await register(service, NEW, OTHER_PASSWORD)

    refused = await confirm(anna, token)

    assert (refused.code, (await anna.get("/me")).json["email"]) == ("mail-token-invalid", ANNA)
    assert (await anna.login(NEW, OTHER_PASSWORD)).status == 200


@pytest.fixture
async def lax(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Service]:
    """Unconfirmed accounts may sign in here: whoever prepares something has every advantage."""
    async with serving(tmp_path / "data", clock, require_confirmed_email=False) as service:
        yield service


async def test_an_unconfirmed_account_gives_way_to_the_proof(lax: Service) -> None:
    """LK-07: its password, session and mail were perhaps prepared by a stranger."""
    async with signed_in(lax, ANNA) as anna, lax.viewer() as stranger:
        await stranger.post("/register", {"email": NEW, "password": OTHER_PASSWORD})
        prepared = await lax.confirmation_token(NEW)
        assert (await stranger.login(NEW, OTHER_PASSWORD)).status == 200

        confirmed = await confirm(anna, await asked(lax, anna))

        assert confirmed.status == 204
        assert ((await stranger.get("/me")).status, (await stranger.refresh()).status) == (401, 401)
        assert (await confirm(stranger, prepared)).code == "mail-token-invalid"
        assert (await stranger.login(NEW, OTHER_PASSWORD)).code == "invalid-credentials"
        assert (await lax.count("users"), (await anna.get("/me")).json["email"]) == (1, NEW)


async def test_a_request_is_not_written_after_what_proved_it_is_gone(service: Service, anna: Viewer) -> None:
    """LK-10: hashing takes a while; meanwhile the password may be another, or the session put out."""
    owner = await stored_user(service, ANNA)
    assert owner is not None
    [session] = await execute(service, "SELECT id FROM sessions")
    change = EmailChange(email=parse_email(NEW), session_id=UUID(str(session["id"])))

    with pytest.raises(CurrentPasswordWrong):
        await change_email(service.services.accounts, replace(owner, password_hash="another"), change)
    await anna.post("/logout")
    with pytest.raises(AuthenticationRequired):
        await change_email(service.services.accounts, owner, change)

    assert await service.mails(NEW) == []


async def test_the_owner_who_confirms_is_rid_of_a_change_that_was_prepared(lax: Service) -> None:
    """LK-10: somebody else registered the address, and wanted to take the account along."""
    async with lax.viewer() as stranger, lax.viewer() as owner:
        await stranger.post("/register", {"email": ANNA, "password": OTHER_PASSWORD})
        await stranger.login(ANNA, OTHER_PASSWORD)
        await ask(stranger, "stranger@example.org", OTHER_PASSWORD)
        prepared = await lax.confirmation_token("stranger@example.org")

        await confirm(owner, await lax.confirmation_token(ANNA))

        assert (await confirm(stranger, prepared)).code == "mail-token-invalid"


async def test_an_unconfirmed_address_is_told_nothing(lax: Service, viewer: Viewer) -> None:
    """Nobody has proved it: a link there could give a stranger the account."""
    async with lax.viewer() as somebody:
        await somebody.post("/register", {"email": "mistyped@example.ru", "password": PASSWORD})
        await somebody.login("mistyped@example.ru")

        await confirm(somebody, await asked(lax, somebody, ANNA))

        assert [mail.subject for mail in await lax.mails("mistyped@example.ru")] == ["Подтвердите адрес почты"]
        assert (await somebody.get("/me")).json["email_confirmed"] is True
