"""Several unlinks at once leave one way in (LK-22)."""

import asyncio

import pytest

from app.tests.social.accounts import sign_in, signed_in_with
from app.tests.social.scene import Scene
from emulator.names import Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROUNDS = 20


async def test_lk_22_of_two_unlinks_at_once_one_leaves_the_other_network(shared: Scene) -> None:
    for _ in range(ROUNDS):
        somebody = shared.newcomer(hd="mail.ru")
        shared.emulator.change(somebody, "google", email=f"{somebody}@mail.ru")
        async with (
            signed_in_with(shared, "google", somebody) as one,
            signed_in_with(shared, "mail", somebody) as other,
        ):
            answers = await asyncio.gather(
                one.delete("/me/social-accounts/google"), other.delete("/me/social-accounts/mail")
            )

        assert sorted((answer.status, answer.code) for answer in answers) == [
            (204, None), (409, "last-sign-in-method"),
        ]  # fmt: skip
        left: Provider = "mail" if answers[0].status == 204 else "google"
        assert (await sign_in(shared, left, somebody)).is_new_account is False


async def test_lk_22_of_two_unlinks_of_one_session_at_once_exactly_one_succeeds(shared: Scene) -> None:
    for _ in range(ROUNDS):
        somebody = shared.newcomer(hd="mail.ru")
        shared.emulator.change(somebody, "google", email=f"{somebody}@mail.ru")
        await sign_in(shared, "mail", somebody)
        async with signed_in_with(shared, "google", somebody) as browser:
            answers = await asyncio.gather(
                *(browser.delete(f"/me/social-accounts/{social}") for social in ("google", "mail"))
            )
            left = (await browser.get("/me/social-accounts")).json

        assert sorted((answer.status, answer.code) for answer in answers) == [
            (204, None), (409, "last-sign-in-method"),
        ]  # fmt: skip
        assert len(left) == 1
