"""A person's devices and login history: complete, in pages, and nobody else's."""

from datetime import timedelta
from itertools import chain

import pytest

from app.tests.support.clock import ManualClock
from app.tests.support.people import signed_in
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Viewer

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"


async def test_each_sign_in_is_a_device(service: Service, anna: Viewer, clock: ManualClock) -> None:
    """SE-16: device, address, when, which one asks; no token."""
    clock.advance(timedelta(hours=1))
    async with service.viewer(**{"User-Agent": CHROME}) as browser:
        await browser.login("anna@example.ru")
        clock.advance(timedelta(minutes=4))
        browser.keep(await browser.refresh())

        devices = (await browser.get("/me/sessions")).json["items"]

        assert [each["current"] for each in devices] == [True, False]
        newest = devices[0]
        assert (newest["device"], newest["address"], newest["method"]) == ("Chrome, Windows", "127.0.0.1", "password")
        assert newest["created_at"] < newest["last_used_at"] < newest["expires_at"]
        assert devices[1]["last_used_at"] == devices[1]["created_at"]
        assert not any(part in str(devices) for part in browser.refresh_token.split(".")[1:])


async def test_a_device_is_signed_out_from_another(service: Service, anna: Viewer) -> None:
    async with signed_in(service, "anna@example.ru") as other:
        mine = next(each for each in (await anna.get("/me/sessions")).json["items"] if each["current"])

        ended = await other.call("DELETE", f"/me/sessions/{mine['id']}")
        again = await other.call("DELETE", f"/me/sessions/{mine['id']}")

        assert (ended.status, again.code) == (204, "not-found")
        assert [(await anna.get("/me")).status, (await anna.refresh()).status] == [401, 401]
        assert [each["current"] for each in (await other.get("/me/sessions")).json["items"]] == [True]


@pytest.mark.parametrize("session_id", ["01890a5d-ac96-774b-bcce-b302099a8057", "0", "{}", "'--", "a%2Fb"])
async def test_a_session_that_is_not_mine_is_not_there(session_id: str, anna: Viewer) -> None:
    """AZ-07."""
    assert (await anna.call("DELETE", f"/me/sessions/{session_id}")).status in {404, 405}


async def test_a_session_of_somebody_else_stays(service: Service, anna: Viewer) -> None:
    """SE-15."""
    async with signed_in(service, "boris@example.ru") as boris:
        theirs = (await boris.get("/me/sessions")).json["items"][0]

        refused = await anna.call("DELETE", f"/me/sessions/{theirs['id']}")

        assert refused.code == "not-found"
        assert (await boris.get("/me")).status == 200


async def test_the_history_tells_successes_failures_and_ends(
    service: Service, anna: Viewer, clock: ManualClock
) -> None:
    """HI-01."""
    clock.advance(timedelta(seconds=1))
    await anna.post("/login", {"email": "anna@example.ru", "password": "not this one"})
    await anna.login("anna@example.ru")
    await anna.post("/logout/others")
    await anna.post("/logout")
    await anna.login("anna@example.ru")
    await anna.post("/logout/all")
    await anna.login("anna@example.ru", PASSWORD)

    events = (await anna.get("/me/logins")).json["items"]

    assert [each["outcome"] for each in events] == [
        "succeeded",
        "logged-out-everywhere",
        "succeeded",
        "logged-out",
        "logged-out-others",
        "succeeded",
        "wrong-password",
        "succeeded",
    ]
    assert events[3]["session_id"] == events[5]["session_id"]
    assert {each["address"] for each in events} == {"127.0.0.1"}


async def test_a_logout_that_ends_nothing_is_no_event(service: Service, anna: Viewer) -> None:
    before = len((await anna.get("/me/logins")).json["items"])

    for _ in range(3):
        await anna.post("/logout/others")

    assert len((await anna.get("/me/logins")).json["items"]) == before


@pytest.mark.parametrize(("path", "count"), [("/me/logins", 6), ("/me/sessions", 6)])
async def test_the_pages_together_are_the_list(path: str, count: int, service: Service, anna: Viewer) -> None:
    """HI-04: stable, whatever is added while somebody reads."""
    for _ in range(5):
        async with service.viewer() as other:
            await other.login("anna@example.ru")
    whole = [each["id"] for each in (await anna.get(path)).json["items"]]

    pages, cursor = [], None
    while True:
        page = (await anna.get(path, params={"limit": "2", **({"cursor": cursor} if cursor else {})})).json
        pages.append([each["id"] for each in page["items"]])
        cursor = page["next_cursor"]
        async with service.viewer() as other:
            await other.login("anna@example.ru")
        if cursor is None:
            break

    assert len(whole) == count
    assert [*chain.from_iterable(pages)] == whole


async def test_history_is_read_and_never_written(anna: Viewer) -> None:
    """HI-03."""
    refused = [await anna.call(method, "/me/logins") for method in ("POST", "PUT", "PATCH", "DELETE")]

    assert {answer.status for answer in refused} == {405}


@pytest.mark.parametrize("path", ["/me/logins", "/me/sessions"])
async def test_lists_need_a_living_session(path: str, service: Service, anna: Viewer) -> None:
    await anna.post("/logout")
    async with service.viewer() as stranger:
        answers = [await stranger.get(path), await anna.get(path)]

    assert [answer.status for answer in answers] == [401, 401]
