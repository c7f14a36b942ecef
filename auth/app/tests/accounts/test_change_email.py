"""Another address: it has to be proved, and until then nothing changes."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.tests.support.changes import NEW, ask, asked, confirm
from app.tests.support.clock import ManualClock
from app.tests.support.people import block, execute, register, signed_in, stored_user
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Viewer

ANNA = "anna@example.ru"
OTHER_PASSWORD = "seven quiet blue boats"


async def test_the_new_address_counts_once_it_is_confirmed(service: Service, anna: Viewer, viewer: Viewer) -> None:
    """EM-13: the old one stays active until then."""
    token = await asked(service, anna)
    before = (await anna.get("/me")).json["email"], (await viewer.login(ANNA)).status, (await viewer.login(NEW)).status

    confirmed = await confirm(viewer, token)

    me = (await anna.get("/me")).json
    assert before == (ANNA, 200, 401)
    assert (confirmed.status, confirmed.text) == (204, "")
    assert (me["email"], me["email_confirmed"]) == (NEW, True)
    assert ((await viewer.login(ANNA)).status, (await viewer.login(NEW)).status) == (401, 200)


async def test_both_addresses_are_told_before_and_after(service: Service, anna: Viewer) -> None:
    """LK-29, EM-13: the former one with a way to say that it was somebody else."""
    token = await asked(service, anna)
    [asked_old, _], [asked_new] = await service.mails(ANNA), await service.mails(NEW)
    await confirm(anna, token)
    changed_old, active_new = (await service.mails(ANNA))[0], (await service.mails(NEW))[0]

    subjects = [mail.subject for mail in (asked_old, asked_new, changed_old, active_new)]
    assert subjects == [
        "Запрошена смена адреса",
        "Подтвердите новый адрес",
        "Адрес аккаунта изменён",
        "Новый адрес подтверждён",
    ]
    for mail in (asked_old, changed_old):
        assert f"{service.api}/email/undo#token=" in mail.text
        assert "a***@example.org" in mail.text
        assert NEW not in mail.text + mail.html
    assert f"{service.api}/email/confirm#token=" in asked_new.text
    assert ANNA not in asked_new.text + active_new.text


async def test_only_the_session_that_asked_stays(service: Service, anna: Viewer) -> None:
    """SE-24, as after a change of the password (PW-14)."""
    async with signed_in(service, ANNA) as elsewhere:
        await confirm(anna, await asked(service, anna))

        assert (await elsewhere.get("/me")).code == "authentication-required"
        assert (await elsewhere.refresh()).code == "refresh-token-invalid"
        assert ((await anna.get("/me")).status, (await anna.refresh()).status) == (200, 200)


@pytest.mark.parametrize("password", [None, "", OTHER_PASSWORD, PASSWORD + " "])
async def test_the_current_password_is_needed(service: Service, anna: Viewer, password: str | None) -> None:
    """EM-13, PW-13: a session alone may be a thief's. The try is in the login history."""
    before = len(await service.mails())

    refused = await ask(anna, password=password)

    events = await execute(service, "SELECT outcome FROM login_history WHERE outcome = 'wrong-password'")
    assert (refused.status, refused.code) == (403, "current-password-wrong")
    assert (len(await service.mails()), len(events)) == (before, 1)


async def test_tries_count_together_with_those_at_the_sign_in(tmp_path: Path, clock: ManualClock) -> None:
    """RL-18."""
    async with serving(tmp_path / "data", clock, rate_limits=True) as service, signed_in(service, ANNA) as anna:
        for _ in range(5):
            await ask(anna, password=OTHER_PASSWORD)
            await anna.login(ANNA, OTHER_PASSWORD)

        assert [(await ask(anna)).code, (await anna.login(ANNA)).code] == ["too-many-requests"] * 2


@pytest.mark.parametrize(("minutes", "status"), [(10, 202), (11, 403)])
async def test_without_a_password_the_sign_in_must_be_recent(
    service: Service, anna: Viewer, minutes: int, status: int
) -> None:
    """EM-13: a refresh is no sign-in."""
    await execute(service, "UPDATE users SET password_hash = NULL")
    service.clock.advance(timedelta(minutes=minutes))
    anna.keep(await anna.refresh())

    answer = await ask(anna, password=None)

    assert answer.status == status
    assert answer.code in {None, "recent-sign-in-needed"}


async def test_a_caller_without_a_session_changes_nothing(service: Service, viewer: Viewer) -> None:
    """AZ-01."""
    assert (await ask(viewer)).code == "authentication-required"
    assert await service.mails() == []


@pytest.mark.parametrize("email", [ANNA, "ANNA@Example.RU", "no address", "a@b@example.ru", ""])
async def test_the_own_address_and_what_is_none_are_refused(service: Service, anna: Viewer, email: str) -> None:
    """EM-12."""
    before = len(await service.mails())

    refused = await ask(anna, email)

    assert (refused.code, refused.json["errors"][0]["pointer"]) == ("invalid-input", "/email")
    assert len(await service.mails()) == before


async def test_the_answer_tells_nothing_about_the_new_address(service: Service, anna: Viewer, viewer: Viewer) -> None:
    """EN-05: whose address it is learn only those who read mail there, and the present address learns the same."""
    for kind in ("confirmed", "blocked"):
        await register(service, f"{kind}@example.ru")
    await block(service, "blocked@example.ru")
    await viewer.post("/register", {"email": "unconfirmed@example.ru", "password": PASSWORD})
    kinds = [f"{kind}@example.ru" for kind in ("confirmed", "blocked", "unconfirmed", "unknown")]

    answers = [await ask(anna, email) for email in kinds]

    seen = {(each.status, each.text, tuple(name for name in each.headers)) for each in answers}
    newest = [(await service.mails(email))[0].subject for email in kinds]
    assert len(seen) == 1
    assert newest == ["Этот адрес уже используется"] * 2 + ["Подтвердите новый адрес"] * 2
    assert [mail.subject for mail in (await service.mails(ANNA))[:4]] == ["Запрошена смена адреса"] * 4


async def test_a_newer_request_replaces_the_older(service: Service, anna: Viewer) -> None:
    """EM-24, EM-04: each mail's link stands for the address that it went to."""
    older = await asked(service, anna, "first@example.org")
    newer = await asked(service, anna, "second@example.org")

    answers = [await confirm(anna, older), await confirm(anna, newer)]

    assert [answer.code for answer in answers] == ["mail-token-invalid", None]
    assert (await anna.get("/me")).json["email"] == "second@example.org"


async def test_a_link_works_once_and_for_a_day(service: Service, anna: Viewer) -> None:
    """EM-01."""
    first = await asked(service, anna)
    used = [(await confirm(anna, first)).code for _ in range(2)]
    late = await asked(service, anna, "late@example.org")
    service.clock.advance(timedelta(hours=24))

    assert used == [None, "mail-token-invalid"]
    assert (await confirm(anna, late)).code == "mail-token-invalid"


@pytest.mark.parametrize("recovery", ["reset", "reset of one who has left", "/logout/all", "/logout/others", "block"])
async def test_a_change_that_a_thief_began_dies_with_the_owners_recovery(
    service: Service, anna: Viewer, recovery: str
) -> None:
    """LK-10, EM-05."""
    async with signed_in(service, ANNA) as thief:
        token = await asked(service, thief, "thief@example.org")
        if recovery == "reset of one who has left":
            await thief.post("/logout")
        if recovery.startswith("reset"):
            await anna.post("/password/forgot", {"email": ANNA})
            body = {"token": await service.confirmation_token(ANNA), "password": OTHER_PASSWORD}
            assert (await anna.post("/password/reset", body)).status == 204
        elif recovery == "block":
            await block(service, ANNA)
        else:
            assert (await anna.post(recovery)).status == 204

        refused = await confirm(thief, token)

    assert refused.code == "mail-token-invalid"
    assert await stored_user(service, "thief@example.org") is None


async def test_leaving_the_own_session_leaves_the_change_alone(service: Service, anna: Viewer, viewer: Viewer) -> None:
    token = await asked(service, anna)
    await anna.post("/logout")

    assert (await confirm(viewer, token)).status == 204
    assert (await anna.get("/me")).status == 401


async def test_a_reset_link_to_the_former_address_dies(service: Service, anna: Viewer, viewer: Viewer) -> None:
    """EM-05."""
    await viewer.post("/password/forgot", {"email": ANNA})
    reset = await service.confirmation_token(ANNA)
    await confirm(anna, await asked(service, anna))

    refused = await viewer.post("/password/reset", {"token": reset, "password": OTHER_PASSWORD})

    assert refused.code == "mail-token-invalid"


async def test_the_change_is_in_the_login_history(service: Service, anna: Viewer, viewer: Viewer) -> None:
    """HI-01."""
    token = await asked(service, anna)
    await viewer.post("/email/confirm", {"token": token}, headers={"User-Agent": "the mail program"})

    [event] = await execute(service, "SELECT * FROM login_history WHERE outcome = 'email-changed'")
    [session] = await execute(service, "SELECT id FROM sessions")
    assert (event["method"], event["user_agent"], event["session_id"]) == ("mail", "the mail program", session["id"])


async def test_mails_are_bounded_for_each_mailbox_and_each_account(tmp_path: Path, clock: ManualClock) -> None:
    """RL-11: a mailbox silently, so that nothing shows; an account openly."""
    async with serving(tmp_path / "data", clock, rate_limits=True) as service:
        for number in range(7):
            async with signed_in(service, f"viewer{number}@example.ru") as somebody:
                assert (await ask(somebody)).status == 202
        async with signed_in(service, ANNA) as anna:
            answers = [await ask(anna, f"box{number}@example.org") for number in range(7)]

        assert len(await service.mails(NEW)) == 5
        assert [answer.status for answer in answers] == [202] * 5 + [429] * 2
        assert len([each for each in await service.mails(ANNA) if each.subject == "Запрошена смена адреса"]) == 5


async def test_links_lead_to_the_configured_address_whatever_the_request_says(service: Service, anna: Viewer) -> None:
    """EM-08."""
    evil = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "Origin": "https://evil.example"}

    await anna.post("/me/email", {"email": NEW, "current_password": PASSWORD}, headers=evil)

    assert not any("evil" in mail.text + mail.html for mail in await service.mails())
