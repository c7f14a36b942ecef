"""Refresh: the newest token gives the next pair, and a retry gives the very same one."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, signed_in
from app.tests.support.service import Service, serving
from app.tests.support.tokens import claims_of
from app.tests.support.viewer import Viewer

WINDOW = timedelta(seconds=10)


async def test_a_refresh_gives_a_new_pair_and_both_tokens_work(anna: Viewer, clock: ManualClock) -> None:
    old_access, old_refresh = anna.access_token, anna.refresh_token
    clock.advance(timedelta(minutes=4))

    answer = anna.keep(await anna.refresh())
    me = await anna.get("/me")

    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json) == {"access_token", "refresh_token", "token_type", "expires_in", "refresh_expires_in"}
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 300)
    assert old_access != anna.access_token
    assert old_refresh != anna.refresh_token
    assert me.status == 200


async def test_a_retry_inside_the_window_gets_the_very_same_body(anna: Viewer, clock: ManualClock) -> None:
    """SE-03, SE-04: an answer that was lost on the way is asked for again."""
    parent = anna.refresh_token

    first = await anna.refresh(parent)
    clock.advance(WINDOW)
    again = await anna.refresh(parent)

    assert (first.status, again.status) == (200, 200)
    assert again.text == first.text


async def test_a_retry_does_not_prolong_the_window(anna: Viewer, clock: ManualClock) -> None:
    """SE-04: the window begins with the rotation, not with the last retry."""
    parent = anna.refresh_token
    await anna.refresh(parent)
    clock.advance(timedelta(seconds=6))
    await anna.refresh(parent)

    clock.advance(timedelta(seconds=6))
    late = await anna.refresh(parent)

    assert (late.status, late.code) == (401, "refresh-token-reused")


async def test_a_clock_that_steps_back_a_little_is_no_theft(anna: Viewer, clock: ManualClock) -> None:
    """FS-23: two hosts' clocks differ by less than the window."""
    parent = anna.refresh_token
    first = await anna.refresh(parent)

    clock.advance(timedelta(seconds=-5))
    again = await anna.refresh(parent)

    assert again.text == first.text


async def test_with_a_window_of_nothing_the_second_use_is_theft(tmp_path: Path, clock: ManualClock) -> None:
    """SE-03: `AUTH_REFRESH_REUSE_WINDOW=0` is the strict mode."""
    async with (
        serving(tmp_path / "data", clock, refresh_reuse_window=timedelta(0)) as service,
        signed_in(service, "anna@example.ru") as anna,
    ):
        parent = anna.refresh_token
        first = await anna.refresh(parent)
        clock.advance(timedelta(microseconds=1))
        second = await anna.refresh(parent)
        child = await anna.refresh(first.json["refresh_token"])

    assert (first.status, second.code, child.status) == (200, "refresh-token-reused", 401)


async def test_the_access_token_of_the_parent_lives_on_until_it_expires(anna: Viewer, clock: ManualClock) -> None:
    parent_access = anna.access_token
    clock.advance(timedelta(minutes=1))
    await anna.refresh()

    soon = await anna.get("/me", headers={"Authorization": f"Bearer {parent_access}"})
    clock.advance(timedelta(minutes=5))
    later = await anna.get("/me", headers={"Authorization": f"Bearer {parent_access}"})

    assert (soon.status, later.status) == (200, 401)


async def test_a_session_left_alone_for_fourteen_days_is_over(anna: Viewer, clock: ManualClock) -> None:
    clock.advance(timedelta(days=14, seconds=11))  # the leeway between hosts included

    answer = await anna.refresh()

    assert (answer.status, answer.code) == (401, "refresh-token-invalid")


async def test_a_session_that_is_used_ends_after_thirty_days_all_the_same(anna: Viewer, clock: ManualClock) -> None:
    lives = []
    for _ in range(5):
        clock.advance(timedelta(days=5, hours=23))
        lives.append(anna.keep(await anna.refresh()).json["refresh_expires_in"])

    clock.advance(timedelta(hours=6))
    over = await anna.refresh()

    assert lives[0] == timedelta(days=14).total_seconds()
    assert lives[-1] == timedelta(hours=5).total_seconds()
    assert (over.status, over.code) == (401, "refresh-token-invalid")


async def test_the_access_token_never_outlives_what_the_settings_say(anna: Viewer, clock: ManualClock) -> None:
    claims = claims_of(anna.access_token)

    clock.advance(timedelta(seconds=309))
    within_leeway = await anna.get("/me")
    clock.advance(timedelta(seconds=1))
    expired = await anna.get("/me")

    assert claims["exp"] - claims["iat"] == 300
    assert (within_leeway.status, expired.status) == (200, 401)


async def test_a_refresh_token_is_taken_from_the_body_alone(anna: Viewer) -> None:
    """SE-18: a token in the query, a cookie or twice in the body is never "one of them wins"."""
    token = anna.refresh_token

    by_query = await anna.post(f"/refresh?refresh_token={token}")
    by_cookie = await anna.post("/refresh", {}, cookies={"refresh_token": token})
    twice = await anna.post(
        "/refresh",
        data=f'{{"refresh_token":"{token}","refresh_token":"other"}}',
        headers={"Content-Type": "application/json"},
    )
    listed = await anna.post("/refresh", {"refresh_token": [token]})
    rightly = await anna.refresh()

    assert [by_query.status, by_cookie.status, twice.status, listed.status] == [422, 422, 400, 422]
    assert rightly.status == 200


async def test_a_refresh_carries_the_roles_in_force_now(anna: Viewer, service: Service) -> None:
    """SE-24: what has changed since the sign-in is in the next access token."""
    me = await anna.get("/me")
    await execute(service, "INSERT INTO roles VALUES ('editor', 'Editor', '[\"films.edit\"]')")
    user_id = claims_of(anna.access_token)["sub"]
    async with service.services.storage.transaction() as tx:
        user = await tx.users.get(UUID(user_id))
        assert user is not None
        await tx.roles.grant(user.id, "editor")
    await service.services.sessions.tokens.set_roles(user.id, ("editor",), version=1)

    before, after = claims_of(anna.access_token), claims_of((await anna.refresh()).json["access_token"])

    assert me.json["roles"] == []
    assert (before["roles"], after["roles"]) == ([], ["editor"])
