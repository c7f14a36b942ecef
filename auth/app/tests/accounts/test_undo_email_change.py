"""The owner of the former address takes the account back, and whoever took it has nothing left."""

from datetime import timedelta

import pytest

from app.tests.support.changes import NEW, ask, asked, confirm
from app.tests.support.people import block, execute, register, signed_in, stored_user
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Answer, Viewer

ANNA = "anna@example.ru"
THIEF = "thief@example.org"
THIEFS_PASSWORD = "seven quiet blue boats"
MOMENT = timedelta(seconds=1)


async def undo(viewer: Viewer, token: str) -> Answer:
    return await viewer.post("/email/undo", {"token": token})


async def stolen(service: Service, thief: Viewer, to: str = THIEF) -> str:
    """Give the account another address; the link that the former one has got afterwards."""
    former = (await thief.get("/me")).json["email"]
    service.clock.advance(MOMENT)
    await confirm(thief, await asked(service, thief, to))
    return await service.confirmation_token(former)


async def test_the_owner_is_back_and_the_thief_is_out(service: Service, anna: Viewer, viewer: Viewer) -> None:
    """EM-13: also after the thief has set a password of their own."""
    async with signed_in(service, ANNA) as thief:
        token = await stolen(service, thief)
        await viewer.post("/password/forgot", {"email": THIEF})
        body = {"token": await service.confirmation_token(THIEF), "password": THIEFS_PASSWORD}
        assert (await viewer.post("/password/reset", body)).status == 204
        assert (await thief.login(THIEF, THIEFS_PASSWORD)).status == 200

        undone = await undo(viewer, token)

        assert (undone.status, undone.text) == (204, "")
        assert ((await thief.get("/me")).status, (await thief.refresh()).status) == (401, 401)
        for address in (ANNA, THIEF):
            for password in (PASSWORD, THIEFS_PASSWORD):
                assert (await viewer.login(address, password)).code == "invalid-credentials"


async def test_the_owner_sets_a_new_password_with_the_next_mail(service: Service, anna: Viewer, viewer: Viewer) -> None:
    await undo(viewer, await stolen(service, anna))
    [restored, *_] = await service.mails(ANNA)

    body = {"token": await service.confirmation_token(ANNA), "password": "a third good password"}
    reset = await viewer.post("/password/reset", body)

    await viewer.login(ANNA, "a third good password")
    me = (await viewer.get("/me")).json
    assert (restored.subject, reset.status) == ("Аккаунт снова ваш", 204)
    assert (me["email"], me["email_confirmed"], me["name"]) == (ANNA, True, "Анна")


async def test_a_change_can_be_cancelled_before_it_is_confirmed(service: Service, anna: Viewer, viewer: Viewer) -> None:
    async with signed_in(service, ANNA) as thief:
        pending = await asked(service, thief, THIEF)

        undone = await undo(viewer, await service.confirmation_token(ANNA))

        assert (undone.status, (await confirm(thief, pending)).code) == (204, "mail-token-invalid")
        assert ((await thief.get("/me")).status, (await thief.login(ANNA)).status) == (401, 401)
    assert await service.mails(THIEF) != []
    assert await stored_user(service, THIEF) is None


async def test_a_thief_who_has_left_in_time_has_nothing_pending(service: Service, anna: Viewer, viewer: Viewer) -> None:
    """LK-10: a session that its own person leaves may have asked for a change; the undoing forgets it all the same."""
    async with signed_in(service, ANNA) as thief:
        pending = await asked(service, thief, THIEF)
        await thief.post("/logout")

        await undo(viewer, await service.confirmation_token(ANNA))

        assert (await confirm(thief, pending)).code == "mail-token-invalid"


async def test_a_link_works_once_and_all_links_to_the_address_with_it(
    service: Service, anna: Viewer, viewer: Viewer
) -> None:
    """EM-01."""
    await ask(anna)
    first = await service.confirmation_token(ANNA)
    second = await stolen(service, anna)

    answers = [await undo(viewer, token) for token in (second, second, first)]

    assert [answer.code for answer in answers] == [None, "mail-token-invalid", "mail-token-invalid"]


@pytest.mark.parametrize(("life", "status"), [(timedelta(days=7) - MOMENT, 204), (timedelta(days=7), 400)])
async def test_a_link_works_for_a_week(
    service: Service, anna: Viewer, viewer: Viewer, life: timedelta, status: int
) -> None:
    token = await stolen(service, anna)
    service.clock.advance(life)
    await service.services.storage.forget_expired(service.clock.now(), history_kept=timedelta(days=365))

    assert (await undo(viewer, token)).status == status


async def test_the_earliest_address_has_the_last_word(service: Service, anna: Viewer, viewer: Viewer) -> None:
    """A thief who changes the address twice, and undoes the second change, has gained nothing."""
    owners = await stolen(service, anna)
    thiefs = await stolen(service, anna, "second@example.org")
    spare = await stolen(service, anna, "third@example.org")

    assert (await undo(viewer, thiefs)).status == 204
    assert await stored_user(service, THIEF) is not None
    assert (await undo(viewer, owners)).status == 204
    assert await stored_user(service, ANNA) is not None
    assert (await undo(viewer, spare)).code == "mail-token-invalid"


async def test_what_the_thief_might_undo_in_turn_is_dead(service: Service, anna: Viewer, viewer: Viewer) -> None:
    owners = await stolen(service, anna)
    thiefs = await stolen(service, anna, "second@example.org")
    await viewer.post("/password/forgot", {"email": "second@example.org"})
    reset = await service.confirmation_token("second@example.org")

    await undo(viewer, owners)

    assert (await undo(viewer, thiefs)).code == "mail-token-invalid"
    body = {"token": reset, "password": THIEFS_PASSWORD}
    assert (await viewer.post("/password/reset", body)).code == "mail-token-invalid"


async def test_both_addresses_and_the_history_tell_of_it(service: Service, anna: Viewer, viewer: Viewer) -> None:
    """LK-29, HI-01: the address that goes may be the owner's, and the one that is back a thief's."""
    await undo(viewer, await stolen(service, anna))

    events = await execute(service, "SELECT outcome, method FROM login_history ORDER BY id DESC")
    assert (await service.mails(THIEF))[0].subject == "Смена адреса отменена"
    assert events[0] == {"outcome": "email-restored", "method": "mail"}


async def test_an_address_that_became_another_confirmed_account_is_left_alone(
    service: Service, anna: Viewer, viewer: Viewer
) -> None:
    token = await stolen(service, anna)
    await register(service, ANNA, "a third good password")

    refused = await undo(viewer, token)

    assert (refused.code, (await anna.get("/me")).json["email"]) == ("mail-token-invalid", THIEF)
    assert (await viewer.login(ANNA, "a third good password")).status == 200


async def test_an_unconfirmed_account_does_not_keep_the_owner_out(
    service: Service, anna: Viewer, viewer: Viewer
) -> None:
    """LK-07: a thief might register the address that has become free."""
    token = await stolen(service, anna)
    await viewer.post("/register", {"email": ANNA, "password": THIEFS_PASSWORD})

    undone = await undo(viewer, token)

    assert (undone.status, await service.count("users")) == (204, 1)
    assert (await viewer.login(ANNA, THIEFS_PASSWORD)).code == "invalid-credentials"


async def test_a_blocked_account_stays_as_it_is(service: Service, anna: Viewer, viewer: Viewer) -> None:
    token = await stolen(service, anna)
    await block(service, THIEF)

    assert (await undo(viewer, token)).code == "mail-token-invalid"
    assert await stored_user(service, THIEF) is not None


async def test_a_link_of_one_kind_is_worthless_for_another(service: Service, anna: Viewer, viewer: Viewer) -> None:
    """OA-25: values are typed."""
    change = await asked(service, anna, NEW)
    undoing = await service.confirmation_token(ANNA)

    answers = [
        await undo(viewer, change),
        await confirm(viewer, undoing),
        await viewer.post("/password/reset", {"token": undoing, "password": THIEFS_PASSWORD}),
        await viewer.post("/password/reset", {"token": change, "password": THIEFS_PASSWORD}),
    ]

    assert {answer.code for answer in answers} == {"mail-token-invalid"}
