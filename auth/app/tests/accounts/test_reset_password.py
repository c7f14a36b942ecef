"""A forgotten password: the mail proves the person, once, and puts everybody else out."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from app.tests.support.people import block, execute, register, signed_in, stored_user
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Viewer

ANNA = "anna@example.ru"
NEW = "seven quiet blue boats"


async def asked_for(service: Service, viewer: Viewer, email: str = ANNA) -> str:
    """The token in the mail to somebody who has forgotten the password."""
    answer = await viewer.post("/password/forgot", {"email": email})
    assert answer.status == 202
    return await service.confirmation_token(email)


async def test_the_mailed_link_sets_a_password_and_ends_every_session(service: Service, viewer: Viewer) -> None:
    """EM-17: no sign-in by the reset, a notice by mail, all sessions out."""
    async with signed_in(service, ANNA) as anna:
        token = await asked_for(service, viewer)

        done = await viewer.post("/password/reset", {"token": token, "password": NEW})

        old = await viewer.login(ANNA, PASSWORD)
        assert (done.status, done.text, old.code) == (204, "", "invalid-credentials")
        assert (await anna.get("/me")).status == 401
        assert (await anna.refresh()).code == "refresh-token-invalid"
        assert (await viewer.login(ANNA, NEW)).status == 200
        assert (await service.mails(ANNA))[0].subject == "Пароль изменён"


async def test_a_token_works_once(service: Service, viewer: Viewer) -> None:
    """EM-01."""
    await register(service, ANNA)
    token = await asked_for(service, viewer)

    first = await viewer.post("/password/reset", {"token": token, "password": NEW})
    second = await viewer.post("/password/reset", {"token": token, "password": "another good password"})

    assert (first.status, second.code) == (204, "mail-token-invalid")


async def test_of_many_at_once_exactly_one_sets_its_password(service: Service, viewer: Viewer) -> None:
    """EM-02: the stored password is that of the one that was told so."""
    await register(service, ANNA)
    token = await asked_for(service, viewer)
    passwords = [f"{NEW} number {number}" for number in range(50)]

    answers = await asyncio.gather(
        *(viewer.post("/password/reset", {"token": token, "password": each}) for each in passwords)
    )

    winners = [each for each, answer in zip(passwords, answers, strict=True) if answer.status == 204]
    assert len(winners) == 1
    assert {answer.code for answer in answers if answer.status != 204} == {"mail-token-invalid"}
    assert (await viewer.login(ANNA, winners[0])).status == 200


async def test_no_sign_in_at_the_same_moment_outlives_the_reset(service: Service, viewer: Viewer) -> None:
    """LK-10: whoever knows the old password and tries hard has nothing afterwards."""
    await register(service, ANNA)
    token = await asked_for(service, viewer)
    thieves = [service.viewer() for _ in range(12)]
    async with AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(each) for each in thieves]

        reset, *_ = await asyncio.gather(
            viewer.post("/password/reset", {"token": token, "password": NEW}),
            *(each.login(ANNA) for each in browsers),
        )

        inside = [each for each in browsers if each.access_token and (await each.get("/me")).status == 200]
    assert (reset.status, inside) == (204, [])


async def test_a_newer_mail_kills_the_older_link(service: Service, viewer: Viewer) -> None:
    """EM-04."""
    await register(service, ANNA)
    older = await asked_for(service, viewer)
    newer = await asked_for(service, viewer)

    refused = await viewer.post("/password/reset", {"token": older, "password": NEW})
    done = await viewer.post("/password/reset", {"token": newer, "password": NEW})

    assert (refused.code, done.status) == ("mail-token-invalid", 204)


async def test_a_token_dies_after_half_an_hour(service: Service, viewer: Viewer) -> None:
    await register(service, ANNA)
    token = await asked_for(service, viewer)
    service.clock.advance(timedelta(minutes=30))

    late = await viewer.post("/password/reset", {"token": token, "password": NEW})

    assert late.code == "mail-token-invalid"


@pytest.mark.parametrize("change", ["blocked", "other address"])
async def test_a_token_dies_when_the_account_is_not_what_it_was(service: Service, viewer: Viewer, change: str) -> None:
    """EM-05."""
    await register(service, ANNA)
    token = await asked_for(service, viewer)
    if change == "blocked":
        await block(service, ANNA)
    else:
        await execute(service, "UPDATE users SET email = 'other@example.ru'")

    refused = await viewer.post("/password/reset", {"token": token, "password": NEW})

    assert refused.code == "mail-token-invalid"


async def test_a_weak_password_is_refused_and_the_token_lives_on(service: Service, viewer: Viewer) -> None:
    await register(service, ANNA)
    token = await asked_for(service, viewer)

    weak = await viewer.post("/password/reset", {"token": token, "password": "password1"})
    done = await viewer.post("/password/reset", {"token": token, "password": NEW})

    assert (weak.code, weak.json["errors"][0]["pointer"], done.status) == ("invalid-input", "/password", 204)


async def test_the_answer_tells_nothing_about_the_address(service: Service, viewer: Viewer) -> None:
    """EN-03: known, unknown, unconfirmed and blocked answer the same."""
    await register(service, ANNA)
    await register(service, "blocked@example.ru")
    await block(service, "blocked@example.ru")
    await viewer.post("/register", {"email": "unconfirmed@example.ru", "password": PASSWORD})
    names = [ANNA, "blocked@example.ru", "unconfirmed@example.ru", "nobody@example.ru"]

    answers = [await viewer.post("/password/forgot", {"email": name}) for name in names]

    seen = {
        (each.status, each.text, tuple(name for name in each.headers if name.lower() != "date")) for each in answers
    }
    assert len(seen) == 1
    assert len([mail for mail in await service.mails() if mail.subject == "Новый пароль"]) == 2


async def test_the_link_uses_the_configured_address_whatever_the_headers_say(service: Service, viewer: Viewer) -> None:
    """EM-08: host header poisoning."""
    await register(service, ANNA)
    evil = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "Origin": "https://evil.example"}

    await viewer.post("/password/forgot", {"email": ANNA}, headers=evil)

    text = (await service.mails(ANNA))[0].text
    assert f"{service.url}/auth/api/v1/password/reset#token=" in text
    assert "evil" not in text


async def test_the_mail_goes_to_the_stored_spelling_never_to_the_typed_one(service: Service, viewer: Viewer) -> None:
    """EM-11, EM-12."""
    await register(service, "Anna@example.ru")

    await viewer.post("/password/forgot", {"email": "ANNA@EXAMPLE.RU"})

    assert [mail.to for mail in await service.mails() if mail.subject == "Новый пароль"] == ["Anna@example.ru"]


async def test_whoever_reads_the_mail_gets_an_address_that_somebody_else_registered(
    service: Service, viewer: Viewer
) -> None:
    """EM-21: the stranger's password and confirmation die with the reset."""
    await viewer.post("/register", {"email": ANNA, "password": "a stranger's password"})
    strangers = await service.confirmation_token(ANNA)
    token = await asked_for(service, viewer)

    await viewer.post("/password/reset", {"token": token, "password": NEW})

    assert (await viewer.post("/email/confirm", {"token": strangers})).code == "mail-token-invalid"
    assert (await viewer.login(ANNA, "a stranger's password")).code == "invalid-credentials"
    assert (await viewer.login(ANNA, NEW)).status == 200
    user = await stored_user(service, ANNA)
    assert user is not None
    assert user.email_confirmed_at is not None


async def test_a_confirmation_token_resets_nothing_and_the_reverse(service: Service, viewer: Viewer) -> None:
    """OA-25: values are typed."""
    await viewer.post("/register", {"email": ANNA, "password": PASSWORD})
    confirmation = await service.confirmation_token(ANNA)
    reset = await asked_for(service, viewer)

    wrong = await viewer.post("/password/reset", {"token": confirmation, "password": NEW})
    other = await viewer.post("/email/confirm", {"token": reset})

    assert (wrong.code, other.code) == ("mail-token-invalid", "mail-token-invalid")
