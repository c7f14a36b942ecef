"""Changes at the same moment: exactly one has its effect, and nobody gets an internal error."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

from app.tests.support.changes import NEW, ask, asked, confirm
from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, signed_in, stored_user
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Viewer

ANNA = "anna@example.ru"
OTHER_PASSWORD = "seven quiet blue boats"
ROUNDS = 5


async def reset_token(service: Service, viewer: Viewer, email: str) -> str:
    await viewer.post("/password/forgot", {"email": email})
    return await service.confirmation_token(email)


async def test_of_fifty_confirmations_one_has_an_effect(service: Service, anna: Viewer) -> None:
    """EM-03."""
    token = await asked(service, anna)

    answers = await asyncio.gather(*(confirm(anna, token) for _ in range(50)))

    assert Counter(answer.status for answer in answers) == {204: 1, 400: 49}
    assert len(await execute(service, "SELECT 1 FROM login_history WHERE outcome = 'email-changed'")) == 1
    assert [mail.subject for mail in await service.mails(NEW)] == ["Новый адрес подтверждён", "Подтвердите новый адрес"]


async def test_of_fifty_undoings_one_has_an_effect(service: Service, anna: Viewer) -> None:
    await confirm(anna, await asked(service, anna))
    token = await service.confirmation_token(ANNA)

    answers = await asyncio.gather(*(anna.post("/email/undo", {"token": token}) for _ in range(50)))

    assert Counter(answer.status for answer in answers) == {204: 1, 400: 49}
    assert len([mail for mail in await service.mails(ANNA) if mail.subject == "Аккаунт снова ваш"]) == 1


async def test_of_two_accounts_one_gets_the_address(service: Service) -> None:
    for number in range(ROUNDS):
        wanted = f"wanted{number}@example.org"
        async with signed_in(service, f"a{number}@x.ru") as one, signed_in(service, f"b{number}@x.ru") as other:
            tokens = [await asked(service, each, wanted) for each in (one, other)]

            answers = await asyncio.gather(*(confirm(one, token) for token in tokens))

            owners = [(await each.get("/me")).json["email"] == wanted for each in (one, other)]
        assert sorted(answer.status for answer in answers) == [204, 400]
        assert owners == [answer.status == 204 for answer in answers]


async def test_a_change_and_a_reset_at_once_leave_one_of_them(service: Service, viewer: Viewer) -> None:
    """EM-05, LK-10: whichever comes first kills the other's link."""
    for number in range(ROUNDS):
        old, new = f"old{number}@example.ru", f"new{number}@example.ru"
        async with signed_in(service, old) as somebody:
            change, reset = await asked(service, somebody, new), await reset_token(service, viewer, old)

            answers = await asyncio.gather(
                confirm(viewer, change), viewer.post("/password/reset", {"token": reset, "password": OTHER_PASSWORD})
            )

        changed = await stored_user(service, new) is not None
        assert sorted(answer.status for answer in answers) == [204, 400]
        assert (changed, await stored_user(service, old) is None) == (answers[0].status == 204,) * 2
        password = PASSWORD if changed else OTHER_PASSWORD
        assert (await viewer.login(new if changed else old, password)).status == 200


async def test_asking_and_a_reset_at_once_leave_no_change_behind(service: Service, viewer: Viewer) -> None:
    """LK-10: a request whose password was checked before the reset is not written after it."""
    for number in range(ROUNDS):
        old = f"old{number}@example.ru"
        async with AsyncExitStack() as stack:
            thieves = [await stack.enter_async_context(signed_in(service, old)) for _ in range(4)]
            body = {"token": await reset_token(service, viewer, old), "password": OTHER_PASSWORD}

            reset, *_ = await asyncio.gather(
                viewer.post("/password/reset", body), *(ask(each, "thief@example.org") for each in thieves)
            )

        pending = await execute(service, "SELECT 1 FROM mail_tokens WHERE purpose = 'change-email'")
        assert (reset.status, pending) == (204, [])


async def test_of_two_requests_at_once_the_link_of_one_lives(service: Service, anna: Viewer) -> None:
    """EM-24: and it stands for the address that it was mailed to."""
    addresses = [f"wish{number}@example.org" for number in range(8)]
    answers = await asyncio.gather(*(ask(anna, email) for email in addresses))
    tokens = [await service.confirmation_token(email) for email in addresses]

    confirmed = [(await confirm(anna, token)).status for token in tokens]

    assert {answer.status for answer in answers} == {202}
    assert Counter(confirmed) == {204: 1, 400: 7}
    assert (await anna.get("/me")).json["email"] == addresses[confirmed.index(204)]


async def test_confirming_and_undoing_at_once_end_with_the_owner(service: Service, viewer: Viewer) -> None:
    for number in range(ROUNDS):
        old, new = f"old{number}@example.ru", f"new{number}@example.ru"
        async with signed_in(service, old) as thief:
            change = await asked(service, thief, new)
            undoing = await service.confirmation_token(old)

            _, undone = await asyncio.gather(confirm(thief, change), viewer.post("/email/undo", {"token": undoing}))

            assert (undone.status, (await thief.get("/me")).status) == (204, 401)
        assert await stored_user(service, old) is not None
        assert await stored_user(service, new) is None


async def test_a_registration_and_a_change_at_once_leave_one_owner(service: Service, viewer: Viewer) -> None:
    """LK-07."""
    for number in range(ROUNDS):
        wanted = f"wanted{number}@example.org"
        async with signed_in(service, f"a{number}@x.ru") as somebody:
            await viewer.post("/register", {"email": wanted, "password": OTHER_PASSWORD})
            registration = await service.confirmation_token(wanted)
            change = await asked(service, somebody, wanted)

            answers = await asyncio.gather(confirm(viewer, registration), confirm(viewer, change))

            has_it = (await somebody.get("/me")).json["email"] == wanted
        assert sorted(answer.status for answer in answers) == [204, 400]
        assert has_it is (answers[1].status == 204)


async def test_two_unconfirmed_accounts_that_want_each_others_address_do_not_block_each_other(
    tmp_path: Path, clock: ManualClock
) -> None:
    async with serving(tmp_path / "data", clock, require_confirmed_email=False) as service:
        for number in range(ROUNDS):
            names = [f"{side}{number}@example.ru" for side in ("left", "right")]
            async with service.viewer() as left, service.viewer() as right:
                for viewer, name in zip((left, right), names, strict=True):
                    await viewer.post("/register", {"email": name, "password": PASSWORD})
                    await viewer.login(name)
                tokens = [await asked(service, left, names[1]), await asked(service, right, names[0])]

                answers = await asyncio.gather(*(confirm(left, token) for token in tokens))

            assert sorted(answer.status for answer in answers) == [204, 400]


async def test_an_unconfirmed_account_that_leaves_the_address_at_that_moment_is_in_nobodys_way(
    tmp_path: Path, clock: ManualClock
) -> None:
    async with serving(tmp_path / "data", clock, require_confirmed_email=False) as service:
        for number in range(ROUNDS):
            wanted, free = f"wanted{number}@example.ru", f"free{number}@example.ru"
            async with signed_in(service, f"anna{number}@example.ru") as anna, service.viewer() as holder:
                await holder.post("/register", {"email": wanted, "password": PASSWORD})
                await holder.login(wanted)
                tokens = [await asked(service, holder, free), await asked(service, anna, wanted)]

                _, annas = await asyncio.gather(*(confirm(anna, token) for token in tokens))

            assert annas.status == 204
