"""Changing the password while signed in: by its owner only, and everybody else is out."""

import asyncio
from pathlib import Path

import pytest

from app.tests.support.clock import ManualClock
from app.tests.support.people import signed_in
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Answer, Viewer

NEW = "seven quiet blue boats"


async def change(viewer: Viewer, new: str = NEW, current: str | None = PASSWORD) -> Answer:
    body = {"new_password": new} | ({"current_password": current} if current is not None else {})
    return await viewer.call("PUT", "/me/password", json=body)


async def test_the_new_password_counts_and_the_old_one_does_not(service: Service, anna: Viewer) -> None:
    """Every other session ends; the caller goes on with the pair of the answer; the owner is told (LK-29)."""
    async with signed_in(service, "anna@example.ru") as elsewhere:
        before = Viewer(anna.api, anna.session)
        before.access_token, before.refresh_token = anna.access_token, anna.refresh_token

        answer = anna.keep(await change(anna))

        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        assert [(await each.get("/me")).status for each in (anna, before, elsewhere)] == [200, 401, 401]
        assert [(await each.refresh()).status for each in (before, elsewhere)] == [401, 401]
        assert [(await elsewhere.login("anna@example.ru", each)).status for each in (PASSWORD, NEW)] == [401, 200]
    events = [each["outcome"] for each in (await anna.get("/me/logins")).json["items"]]
    assert "password-changed" in events
    assert "Пароль" in (await service.mails("anna@example.ru"))[0].subject


@pytest.mark.parametrize("current", [None, "", "not this one", PASSWORD.upper()])
async def test_nothing_changes_without_the_current_password(current: str | None, anna: Viewer) -> None:
    refused = await change(anna, current=current)

    assert refused.code in {"current-password-wrong", "validation-failed"}
    assert [(await anna.get("/me")).status, (await anna.login("anna@example.ru")).status] == [200, 200]


@pytest.mark.parametrize("weak", ["short", "password1", "anna@example.ru"])
async def test_a_weak_password_is_refused_and_nobody_is_put_out(weak: str, anna: Viewer) -> None:
    refused = await change(anna, new=weak)

    assert refused.status == 422
    assert (await anna.get("/me")).status == 200


async def test_guessing_here_counts_like_guessing_at_the_sign_in(tmp_path: Path, clock: ManualClock) -> None:
    """RL-18: one counter for every place where the password is typed."""
    limited = serving(tmp_path / "data", clock, rate_limits=True)
    async with limited as service, signed_in(service, "boris@example.ru") as boris:
        tries = [await change(boris, current=f"guess number {number}") for number in range(12)]

        assert tries[-1].status == 429
        assert (await boris.login("boris@example.ru")).status == 429


async def test_of_many_changes_at_once_exactly_one_wins(service: Service, anna: Viewer) -> None:
    answers = await asyncio.gather(*(change(anna, new=f"{NEW} number {number}") for number in range(10)))

    won = [number for number, answer in enumerate(answers) if answer.status == 200]
    assert len(won) == 1
    async with service.viewer() as viewer:
        logins = [(await viewer.login("anna@example.ru", f"{NEW} number {number}")).status for number in range(10)]
    assert [number for number, status in enumerate(logins) if status == 200] == won


async def test_a_mailed_reset_dies_with_the_change(service: Service, anna: Viewer) -> None:
    """EM-05."""
    await anna.post("/password/forgot", {"email": "anna@example.ru"})
    token = await service.confirmation_token("anna@example.ru")
    await change(anna)

    used = await anna.post("/password/reset", {"token": token, "password": "eleven loud red kites"})

    assert used.code == "mail-token-invalid"
