"""A refresh token that was replaced comes back: somebody has a copy, so the session ends."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, signed_in
from app.tests.support.service import Service, serving
from app.tests.support.viewer import Viewer

PAST_THE_WINDOW = timedelta(seconds=11)


async def rotate(viewer: Viewer, clock: ManualClock, times: int) -> list[str]:
    """Refresh with a pause after each; give every refresh token that the session has had."""
    tokens = [viewer.refresh_token]
    for _ in range(times):
        viewer.keep(await viewer.refresh())
        clock.advance(PAST_THE_WINDOW)
        tokens.append(viewer.refresh_token)
    return tokens


@pytest.mark.parametrize("back", [1, 2, 5], ids=["parent", "grandparent", "oldest"])
async def test_a_replay_ends_the_session_at_once(back: int, anna: Viewer, clock: ManualClock) -> None:
    """SE-01: any older token, after the window; the newest pair dies with it, access token included."""
    tokens = await rotate(anna, clock, times=5)

    replay = await anna.refresh(tokens[-1 - back])
    newest, me = await anna.refresh(), await anna.get("/me")

    assert (replay.status, replay.code) == (401, "refresh-token-reused")
    assert replay.headers["WWW-Authenticate"].startswith("Bearer")
    assert (newest.status, newest.code) == (401, "refresh-token-invalid")
    assert (me.status, me.code) == (401, "authentication-required")


async def test_an_older_ancestor_is_theft_inside_the_window_too(anna: Viewer) -> None:
    """SE-01: the window forgives the immediate parent alone."""
    oldest = anna.refresh_token
    anna.keep(await anna.refresh())
    anna.keep(await anna.refresh())

    replay = await anna.refresh(oldest)

    assert replay.code == "refresh-token-reused"
    assert (await anna.refresh()).status == 401


async def test_thief_first_and_victim_second_both_lose(anna: Viewer, service: Service, clock: ManualClock) -> None:
    """SE-05: neither keeps the session; the owner's other sessions are untouched."""
    async with signed_in(service, "anna@example.ru") as thief, signed_in(service, "anna@example.ru") as television:
        thief.refresh_token = anna.refresh_token
        thief.keep(await thief.refresh())
        clock.advance(PAST_THE_WINDOW)

        victim = await anna.refresh()

        assert victim.code == "refresh-token-reused"
        assert [(await thief.refresh()).status, (await thief.get("/me")).status] == [401, 401]
        assert [(await television.refresh()).status, (await television.get("/me")).status] == [200, 200]


async def test_the_owner_is_told_and_the_history_knows(service: Service, anna: Viewer, clock: ManualClock) -> None:
    """SE-01: a security event with the session, and a mail to the confirmed address."""
    tokens = await rotate(anna, clock, times=1)
    mails_before = await service.mails("anna@example.ru")

    await anna.refresh(tokens[0])

    [event] = await execute(
        service,
        "SELECT h.session_id, s.end_reason, s.ended_at FROM login_history h JOIN sessions s ON s.id = h.session_id "
        "WHERE h.outcome = 'token-reused'",
    )
    [mail] = (await service.mails("anna@example.ru"))[: -len(mails_before)]
    assert (event["end_reason"], event["ended_at"] is None) == ("token-reused", False)
    assert mail.subject == "Мы завершили один из ваших сеансов"


async def test_nobody_is_mailed_at_an_address_that_was_never_confirmed(tmp_path: Path, clock: ManualClock) -> None:
    """SE-01, EM-11: an unproven address may be somebody else's."""
    async with (
        serving(tmp_path / "data", clock, require_confirmed_email=False) as service,
        service.viewer() as somebody,
    ):
        await somebody.post("/register", {"email": "typo@example.ru", "password": "four slow green trams"})
        await somebody.login("typo@example.ru")
        mails_before = len(await service.mails())

        tokens = await rotate(somebody, clock, times=1)
        replay = await somebody.refresh(tokens[0])

        assert replay.code == "refresh-token-reused"
        assert len(await service.mails()) == mails_before


async def test_a_replay_after_logout_tells_nothing_new(anna: Viewer, clock: ManualClock) -> None:
    tokens = await rotate(anna, clock, times=2)
    await anna.post("/logout")

    answers = [await anna.refresh(token) for token in tokens]

    assert {answer.code for answer in answers} == {"refresh-token-invalid"}
