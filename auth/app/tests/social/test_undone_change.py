"""A thief who has moved an account to an address of theirs links their own social account; the owner takes it back."""

from datetime import timedelta

import pytest

from app.tests.social.accounts import register, sign_in
from app.tests.social.scene import Scene
from app.tests.support.changes import asked, confirm
from app.tests.support.people import signed_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_lk_10_what_was_linked_since_is_unlinked(shared: Scene) -> None:
    thief = shared.newcomer()
    old, new = f"owner-of-{thief}@example.ru", f"{thief}@gmail.com"
    owned = (await register(shared, old, confirmed=True)).json["user_id"]
    async with signed_in(shared.service, old) as browser:
        await confirm(browser, await asked(shared.service, browser, new))
        undoing = await shared.service.confirmation_token(old)
        assert (await sign_in(shared, "google", thief)).id == owned

        undone = await browser.post("/email/undo", {"token": undoing})

    again = await sign_in(shared, "google", thief)
    assert (undone.status, again.is_new_account) == (204, True)
    assert again.id != owned


async def test_what_was_linked_long_before_stays(shared: Scene) -> None:
    owner = shared.newcomer()
    before = await sign_in(shared, "yandex", owner)
    shared.clock.advance(timedelta(days=1, minutes=1))
    shared.emulator.decide("yandex", persona=owner)
    async with shared.browser() as browser:
        await browser.sign_in_with("yandex")
        change = {"email": f"{owner}@elsewhere.example"}
        assert (await browser.post("/me/email", change)).status == 202
        undoing = await shared.service.confirmation_token(f"{owner}@yandex.ru")

        undone = await browser.post("/email/undo", {"token": undoing})

    after = await sign_in(shared, "yandex", owner)
    assert (undone.status, after.id, after.is_new_account) == (204, before.id, False)
