"""Logging out: here, on the other devices, everywhere; in force at once."""

from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from app.tests.support.clock import ManualClock
from app.tests.support.people import signed_in
from app.tests.support.service import Service
from app.tests.support.viewer import Viewer


async def devices(service: Service, stack: AsyncExitStack, *emails: str) -> list[Viewer]:
    """One signed-in device each."""
    return [await stack.enter_async_context(signed_in(service, email)) for email in emails]


async def alive(viewer: Viewer) -> tuple[bool, bool]:
    """Whether the access token and the refresh token still open something."""
    me = await viewer.get("/me")
    return me.status == 200, (await viewer.refresh()).status == 200


@pytest.mark.parametrize(
    ("path", "here", "elsewhere"),
    [("/logout", False, True), ("/logout/others", True, False), ("/logout/all", False, False)],
)
async def test_a_logout_ends_what_it_says_and_nothing_else(
    path: str, here: bool, elsewhere: bool, service: Service
) -> None:
    """SE-22: access and refresh token are refused from the answer on; other people stay."""
    async with AsyncExitStack() as stack:
        phone, television, stranger = await devices(service, stack, *["anna@example.ru"] * 2, "boris@example.ru")

        answer = await phone.post(path)

        assert (answer.status, answer.text) == (204, "")
        assert await alive(phone) == (here, here)
        assert await alive(television) == (elsewhere, elsewhere)
        assert await alive(stranger) == (True, True)


async def test_a_refresh_token_alone_ends_its_session(anna: Viewer, clock: ManualClock) -> None:
    refresh_token = anna.refresh_token
    clock.advance(timedelta(hours=1))
    anna.access_token = ""

    answer = await anna.post("/logout", {"refresh_token": refresh_token})

    assert answer.status == 204
    assert (await anna.refresh()).code == "refresh-token-invalid"


async def test_logging_out_twice_by_refresh_token_is_safe(anna: Viewer) -> None:
    """IN-16: a repeat after a lost answer is answered alike."""
    body = {"refresh_token": anna.refresh_token}

    answers = [await anna.post("/logout", body) for _ in range(2)]

    assert [answer.status for answer in answers] == [204, 204]


async def test_a_forged_refresh_token_ends_nothing(anna: Viewer) -> None:
    head, payload, signature = anna.refresh_token.split(".")

    answer = await anna.post("/logout", {"refresh_token": f"{head}.{payload}.{signature[::-1]}"})

    assert (answer.status, answer.code) == (401, "refresh-token-invalid")
    assert await alive(anna) == (True, True)


async def test_an_access_token_in_the_body_ends_nothing(anna: Viewer) -> None:
    """OA-25: values are typed; what belongs into the header is worthless in the body."""
    answer = await anna.post("/logout", {"refresh_token": anna.access_token})

    assert answer.code == "refresh-token-invalid"
    assert await alive(anna) == (True, True)


async def test_nobody_is_logged_out_without_a_token(anna: Viewer, service: Service) -> None:
    async with service.viewer() as stranger:
        answers = [await stranger.post(path) for path in ("/logout", "/logout/others", "/logout/all")]

    assert [answer.status for answer in answers] == [401, 401, 401]
    assert await alive(anna) == (True, True)


async def test_a_logout_by_get_does_not_exist(anna: Viewer) -> None:
    """A picture or a link on somebody's page must not log anybody out."""
    answers = [await anna.get(path) for path in ("/logout", "/logout/others", "/logout/all")]

    assert [answer.status for answer in answers] == [405, 405, 405]
    assert await alive(anna) == (True, True)


async def test_a_clock_that_steps_back_after_the_logout_revives_nothing(anna: Viewer, clock: ManualClock) -> None:
    """FS-23: what has ended stays ended whatever time it is."""
    clock.advance(timedelta(seconds=5))
    anna.keep(await anna.refresh())
    await anna.post("/logout/all")

    clock.advance(timedelta(seconds=-2))

    assert await alive(anna) == (False, False)
