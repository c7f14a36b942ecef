"""A thief who has moved an account to an address of theirs links their own social account; the owner takes it back."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from app.tests.social.accounts import identity_of, register, sign_in
from app.tests.social.scene import Scene, way_back
from app.tests.support.changes import asked, confirm
from app.tests.support.people import signed_in

ROUNDS = 5
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
    linked_at = (await identity_of(shared, "yandex", owner)).linked_at
    shared.clock.advance(timedelta(days=1, minutes=1))
    shared.emulator.decide("yandex", persona=owner)
    async with shared.browser() as browser:
        await browser.sign_in_with("yandex")
        change = {"email": f"{owner}@elsewhere.example"}
        assert (await browser.post("/me/email", change)).status == 202
        undoing = await shared.service.confirmation_token(f"{owner}@yandex.ru")

        undone = await browser.post("/email/undo", {"token": undoing})

    after = await sign_in(shared, "yandex", owner)
    assert (await identity_of(shared, "yandex", owner)).linked_at == linked_at
    assert (undone.status, after.id, after.is_new_account) == (204, before.id, False)


async def test_no_sign_in_at_the_same_moment_outlives_the_undoing(shared: Scene) -> None:
    """Whoever comes in with what was linked since is put out, or comes too late and is a stranger."""
    for _ in range(ROUNDS):
        thief = shared.newcomer()
        old, new = f"owner-of-{thief}@example.ru", f"{thief}@gmail.com"
        owned = (await register(shared, old, confirmed=True)).json["user_id"]
        async with signed_in(shared.service, old) as browser, shared.browser() as thiefs:
            await confirm(browser, await asked(shared.service, browser, new))
            undoing = await shared.service.confirmation_token(old)
            await sign_in(shared, "google", thief)
            backs = [await way_back(thiefs, "google") for _ in range(6)]

            undone, *answers = await asyncio.gather(
                browser.post("/email/undo", {"token": undoing}), *(thiefs.get(back) for back in backs)
            )

            inside = []
            for answer in answers:
                thiefs.keep(answer)
                me = await thiefs.get("/me")
                inside.append(me.status == 200 and me.json["id"] == owned)
        assert (undone.status, any(inside)) == (204, False)


async def test_an_identity_that_was_linked_elsewhere_meanwhile_is_not_used_for_its_former_account(
    shared: Scene,
) -> None:
    owner = shared.newcomer()
    await sign_in(shared, "yandex", owner)
    identity = await identity_of(shared, "yandex", owner)

    async with shared.service.services.storage.transaction() as tx:
        touched = [
            await tx.social_accounts.touch(
                "yandex", identity.subject, user_id, at=shared.clock.now(), email=None, name=None
            )
            for user_id in (uuid4(), identity.user_id)
        ]

    assert touched == [False, True]
