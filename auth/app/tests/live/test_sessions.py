"""Refresh, theft and logout."""

import asyncio

import pytest

from app.tests.live.people import People
from app.tests.support.viewer import Viewer

TABS = 50


async def test_a_refresh_gives_the_next_pair(anna: Viewer) -> None:
    before = anna.access_token, anna.refresh_token

    answer = anna.keep(await anna.refresh())

    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert not {anna.access_token, anna.refresh_token} & set(before)
    assert (await anna.get("/me")).status == 200


async def test_a_lost_answer_is_given_again(anna: Viewer) -> None:
    first, again = await anna.refresh(), await anna.refresh()

    assert (first.status, again.status) == (200, 200)
    assert first.text == again.text


async def test_many_tabs_at_once_get_one_pair(anna: Viewer) -> None:
    answers = await asyncio.gather(*(anna.refresh() for _ in range(TABS)))

    assert {answer.status for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    anna.keep(answers[0])
    assert (await anna.refresh()).status == 200


async def test_an_old_token_is_theft_and_ends_the_session(anna: Viewer) -> None:
    stolen = anna.refresh_token
    anna.keep(await anna.refresh())
    anna.keep(await anna.refresh())

    thief = await anna.refresh(stolen)

    assert (thief.status, thief.code) == (401, "refresh-token-reused")
    assert (await anna.refresh()).status == 401
    assert (await anna.get("/me")).status == 401


async def test_a_logout_ends_this_session_and_no_other(people: People) -> None:
    email = await people.add()
    async with people.signed_in(email) as telephone, people.signed_in(email) as television:
        assert (await telephone.post("/logout")).status == 204

        assert [(await device.get("/me")).status for device in (telephone, television)] == [401, 200]
        assert [(await device.refresh()).status for device in (telephone, television)] == [401, 200]


async def test_a_logout_needs_no_more_than_the_refresh_token(anna: Viewer) -> None:
    access_token, anna.access_token = anna.access_token, ""

    answer = await anna.post("/logout", {"refresh_token": anna.refresh_token})

    assert answer.status == 204
    assert (await anna.refresh()).status == 401
    assert (await anna.get("/me", headers={"Authorization": f"Bearer {access_token}"})).status == 401


@pytest.mark.parametrize(("path", "own"), [("/logout/others", 200), ("/logout/all", 401)])
async def test_the_other_devices_are_logged_out(path: str, own: int, people: People) -> None:
    email = await people.add()
    async with people.signed_in(email) as telephone, people.signed_in(email) as television:
        assert (await telephone.post(path)).status == 204

        assert [(await device.get("/me")).status for device in (telephone, television)] == [own, 401]
        assert [(await device.refresh()).status for device in (telephone, television)] == [own, 401]


async def test_a_token_of_a_logged_out_session_is_never_good_again(people: People) -> None:
    email = await people.add()
    async with people.signed_in(email) as viewer:
        await viewer.post("/logout")
        gone = viewer.refresh_token
        await viewer.login(email)

        assert (await viewer.refresh(gone)).status == 401
        assert (await viewer.refresh()).status == 200
