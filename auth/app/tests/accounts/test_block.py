"""SE-11: whoever is blocked is out at once, on every device and on every way back in."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

from app.sessions.model import EndReason
from app.settings import Secret
from app.social.oauth2 import code_challenge
from app.tests.support.changes import asked, confirm
from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, register, signed_in, stored_user
from app.tests.support.redis import RedisServer
from app.tests.support.rights import grant, id_of, make_role, staff, superuser
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Answer, Viewer
from emulator import Emulator

ANNA = "anna@example.ru"
VERIFIER = "v" * 43
ROUNDS = 20


async def set_blocked(viewer: Viewer, user: object, *, blocked: bool = True) -> Answer:
    return await viewer.call("PATCH", f"/users/{user}", json={"blocked": blocked})


async def outcomes(service: Service) -> list[str]:
    """What administrators have done, oldest first."""
    found = await execute(service, "SELECT outcome FROM login_history WHERE method = 'administration' ORDER BY id")
    return [str(row["outcome"]) for row in found]


async def test_no_token_of_a_blocked_account_works_any_more(service: Service, anna: Viewer) -> None:
    async with superuser(service) as root, signed_in(service, ANNA) as phone:
        answer = await set_blocked(root, id_of(anna))

        statuses = {(await each.get("/me")).status for each in (anna, phone)}
        statuses |= {(await each.refresh()).status for each in (anna, phone)}
        devices = await execute(service, "SELECT DISTINCT end_reason FROM sessions WHERE ended_at IS NOT NULL")

    assert (answer.status, answer.json["blocked"], answer.json["blocked_at"] is not None) == (200, True, True)
    assert statuses == {401}
    assert devices == [{"end_reason": "account-blocked"}]


async def test_no_way_in_is_open_to_a_blocked_account(service: Service, anna: Viewer, viewer: Viewer) -> None:
    change = await asked(service, anna, "new@example.org")
    undo = await service.confirmation_token(ANNA)
    await viewer.post("/password/forgot", {"email": ANNA})
    reset = await service.confirmation_token(ANNA)
    async with superuser(service) as root:
        await set_blocked(root, id_of(anna))
    mails = len(await service.mails())

    login = await viewer.post("/login", {"email": ANNA, "password": PASSWORD})
    answers = [
        await viewer.post("/password/reset", {"token": reset, "password": "seven quiet blue boats"}),
        await confirm(viewer, change),
        await viewer.post("/email/undo", {"token": undo}),
    ]
    forgotten = await viewer.post("/password/forgot", {"email": ANNA})

    assert (login.status, login.code) == (403, "account-blocked")
    assert {(answer.status, answer.code) for answer in answers} == {(400, "mail-token-invalid")}
    assert (forgotten.status, len(await service.mails())) == (202, mails)


async def test_pending_links_stay_dead_after_an_unblocking_but_an_owner_can_still_undo(
    service: Service, anna: Viewer, viewer: Viewer
) -> None:
    """Somebody else may have been in the account before it was blocked."""
    change = await asked(service, anna, "thief@example.org")
    undo = await service.confirmation_token(ANNA)
    await viewer.post("/password/forgot", {"email": ANNA})
    reset = {"token": await service.confirmation_token(ANNA), "password": "seven quiet blue boats"}
    async with superuser(service) as root:
        await set_blocked(root, id_of(anna))
        unblocked = await set_blocked(root, id_of(anna), blocked=False)

    dead = [(await confirm(viewer, change)).status, (await viewer.post("/password/reset", reset)).status]
    undone = (await viewer.post("/email/undo", {"token": undo})).status

    assert (unblocked.json["blocked"], dead, undone) == (False, [400, 400], 204)


async def test_an_unconfirmed_account_that_is_blocked_cannot_be_confirmed(service: Service, viewer: Viewer) -> None:
    await viewer.post("/register", {"email": "new@example.ru", "password": PASSWORD})
    user = await stored_user(service, "new@example.ru")
    token = await service.confirmation_token("new@example.ru")
    assert user is not None
    async with superuser(service) as root:
        await set_blocked(root, user.id)

    await viewer.post("/email/confirm/resend", {"email": "new@example.ru"})
    again = await service.confirmation_token("new@example.ru")

    assert [(await confirm(viewer, each)).status for each in (token, again)] == [400, 400]


async def test_a_social_sign_in_on_its_way_is_refused(social_service: Service, emulator: Emulator) -> None:
    """Before the callback, and between the callback and the exchange of its code."""
    emulator.decide("vk", persona="anna")
    async with superuser(social_service) as root, social_service.viewer() as browser:
        await browser.sign_in_with("vk")
        user, options = id_of(browser), {"return_to": "https://cinema.example/welcome"}
        options["code_challenge"] = code_challenge(VERIFIER)
        landed = await browser.get(await browser.visit_provider(await browser.depart("vk", **options)))
        code = landed.location_query["code"]
        back = await browser.visit_provider(await browser.depart("vk"))
        await set_blocked(root, user)

        exchanged = await browser.post("/oauth/exchange", {"code": code, "code_verifier": VERIFIER})
        returned = await browser.get(back)
        linked = await browser.post("/me/social-accounts/yandex", {})

    assert (exchanged.status, exchanged.code) == (400, "hand-over-code-invalid")
    assert (returned.status, returned.code) == (403, "social-login-refused")
    assert linked.status == 401


async def test_after_an_unblocking_the_old_tokens_stay_dead_and_the_password_works(
    service: Service, anna: Viewer
) -> None:
    async with superuser(service) as root:
        await set_blocked(root, id_of(anna))
        await set_blocked(root, id_of(anna), blocked=False)

    assert ((await anna.get("/me")).status, (await anna.refresh()).status) == (401, 401)
    assert (await anna.login(ANNA)).status == 200


async def test_doing_it_again_changes_nothing(service: Service, anna: Viewer) -> None:
    """IN-16, HI-01: once in the history, and the moment of the first time stays."""
    async with superuser(service) as root:
        answers = []
        for blocked in (True, True, False, False):
            answers.append(await set_blocked(root, id_of(anna), blocked=blocked))
            service.clock.advance(timedelta(seconds=1))

    assert answers[0].json == answers[1].json
    assert answers[2].json == answers[3].json
    assert await outcomes(service) == ["blocked", "unblocked"]


async def test_blocking_again_ends_what_redis_has_missed(
    redis: RedisServer, tmp_path: Path, clock: ManualClock
) -> None:
    """It may have been away the first time: the rows have ended, the tokens still work."""
    async with AsyncExitStack() as stack:
        url = Secret(redis.fresh_database())
        service = await stack.enter_async_context(serving(tmp_path / "data", clock, redis_url=url))
        anna = await stack.enter_async_context(signed_in(service, ANNA))
        root = await stack.enter_async_context(superuser(service))
        async with service.services.storage.transaction() as tx:
            await tx.users.set_blocked(id_of(anna), at=clock.now())
            ending = [each.id for each in await tx.sessions.open_of(id_of(anna), at=clock.now())]
            await tx.sessions.end(ending, at=clock.now(), reason=EndReason.ACCOUNT_BLOCKED)
        before = (await anna.get("/me/permissions/films.edit")).status

        await set_blocked(root, id_of(anna))

        assert (before, (await anna.get("/me/permissions/films.edit")).status) == (403, 401)


async def test_nobody_blocks_unblocks_or_signs_out_who_holds_more(service: Service, anna: Viewer) -> None:
    await make_role(service, "editor", "films.edit")
    await grant(service, anna, "editor")
    async with staff(service, "clerk@example.ru", "users.write") as clerk, superuser(service) as root:
        refused = [await set_blocked(clerk, id_of(each), blocked=to) for each in (anna, root) for to in (True, False)]
        refused += [await clerk.post(f"/users/{id_of(each)}/logout") for each in (anna, root)]

        assert {(answer.status, answer.code) for answer in refused} == {(403, "permission-denied")}
        assert {answer.json["permissions"][0] for answer in refused} == {"films.edit", "*"}
        assert {(await each.get("/me")).status for each in (anna, root)} == {200}


async def test_who_holds_no_more_is_blocked_by_whoever_may(service: Service, anna: Viewer) -> None:
    await make_role(service, "editor", "films.edit")
    await grant(service, anna, "editor")
    async with staff(service, "clerk@example.ru", "users.write", "films.edit") as clerk:
        assert (await set_blocked(clerk, id_of(anna))).status == 200


async def test_nobody_blocks_themselves(service: Service) -> None:
    """AZ-04: though there is another superuser."""
    async with superuser(service) as root, superuser(service, "second@example.ru"):
        answers = [await set_blocked(root, id_of(root), blocked=to) for to in (True, False)]

        assert {(answer.status, answer.code) for answer in answers} == {(409, "own-account")}
        assert (await root.get("/me")).status == 200


async def test_of_two_superusers_who_block_each_other_one_stays(service: Service) -> None:
    """AZ-04, AZ-05."""
    await register(service, "one@example.ru")
    await register(service, "other@example.ru")
    for _ in range(ROUNDS):
        await execute(service, "UPDATE users SET blocked_at = NULL")
        async with superuser(service, "one@example.ru") as one, superuser(service, "other@example.ru") as other:
            answers = await asyncio.gather(set_blocked(one, id_of(other)), set_blocked(other, id_of(one)))

            assert Counter(answer.status for answer in answers)[200] == 1
            assert sorted([(await each.get("/me")).status for each in (one, other)]) == [200, 401]


async def test_blocking_and_laying_down_at_once_leave_a_superuser(service: Service) -> None:
    """AZ-04, AZ-05: one blocks the other, and lays down the own role in the same moment."""
    able = "SELECT 1 FROM user_roles JOIN users ON id = user_id WHERE role = 'superuser' AND blocked_at IS NULL"
    await register(service, "other@example.ru")
    for _ in range(ROUNDS):
        await execute(service, "UPDATE users SET blocked_at = NULL")
        async with superuser(service) as root, superuser(service, "other@example.ru") as other:
            laying_down = root.call("DELETE", f"/users/{id_of(root)}/roles/superuser")
            await asyncio.gather(set_blocked(root, id_of(other)), laying_down)

        assert len(await execute(service, able)) == 1


async def test_no_sign_in_at_the_same_moment_outlives_a_block(service: Service, viewer: Viewer) -> None:
    await register(service, ANNA)
    user = await stored_user(service, ANNA)
    assert user is not None
    async with superuser(service) as root:
        for _ in range(5):
            logins = [viewer.post("/login", {"email": ANNA, "password": PASSWORD}) for _ in range(8)]

            blocked, *answers = await asyncio.gather(set_blocked(root, user.id), *logins)

            tokens = [answer.json["access_token"] for answer in answers if answer.status == 200]
            opened = [await viewer.get("/me", headers={"Authorization": f"Bearer {each}"}) for each in tokens]
            assert blocked.status == 200
            assert {answer.status for answer in opened} <= {401}
            assert {answer.status for answer in answers} <= {200, 401, 403}
            await set_blocked(root, user.id, blocked=False)


async def test_an_administrator_signs_somebody_out_everywhere(service: Service, anna: Viewer) -> None:
    """HI-01: they may sign in again, and read that it was no logout of theirs."""
    async with superuser(service) as root, signed_in(service, ANNA) as phone:
        answers = [await root.post(f"/users/{id_of(anna)}/logout") for _ in range(2)]
        out = {(await each.get("/me")).status for each in (anna, phone)}
        root_stays = (await root.get("/me")).status

    await anna.login(ANNA)
    shown = (await anna.get("/me/logins")).json["items"][1]
    assert [answer.status for answer in answers] == [204, 204]
    assert (out, root_stays) == ({401}, 200)
    assert (shown["outcome"], shown["method"]) == ("logged-out-everywhere", "administration")
    assert await outcomes(service) == ["logged-out-everywhere"]
