"""Registration and confirmation: an account belongs to whoever reads the mail."""

import asyncio
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from app.tests.support.clock import ManualClock
from app.tests.support.people import block, execute, register, stored_user
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Viewer

EMAIL = "anna@example.ru"
OTHER_PASSWORD = "seven quiet blue boats"


async def confirmation_tokens(service: Service, email: str = EMAIL) -> list[str]:
    """The tokens of all confirmation mails, oldest first."""
    texts = [mail.text for mail in await service.mails(email) if "#token=" in mail.text]
    return [text.split("#token=")[1].split()[0] for text in reversed(texts)]


async def sign_up(viewer: Viewer, *, email: str = EMAIL, password: str = PASSWORD) -> None:
    answer = await viewer.post("/register", {"email": email, "password": password})
    assert answer.status == 202, answer.text


async def confirm(viewer: Viewer, token: str) -> int:
    return (await viewer.post("/email/confirm", {"token": token})).status


async def test_a_viewer_registers_confirms_and_signs_in(service: Service, viewer: Viewer) -> None:
    await viewer.post("/register", {"email": EMAIL, "password": PASSWORD, "name": "Анна", "locale": "en"})
    confirmed = await viewer.post("/email/confirm", {"token": await service.confirmation_token(EMAIL)})

    login = await viewer.login(EMAIL)
    me = (await viewer.get("/me")).json

    assert (confirmed.status, confirmed.text, login.status) == (204, "", 200)
    assert (me["email"], me["email_confirmed"], me["name"], me["locale"]) == (EMAIL, True, "Анна", "en")
    assert (me["has_password"], me["roles"], me["permissions"]) == (True, [], [])


async def test_an_unconfirmed_address_does_not_open_the_account(viewer: Viewer) -> None:
    await sign_up(viewer)

    right, wrong = await viewer.login(EMAIL), await viewer.login(EMAIL, OTHER_PASSWORD)

    assert (right.status, right.code) == (403, "email-not-confirmed")
    assert (wrong.status, wrong.code) == (401, "invalid-credentials")


async def test_a_mailed_token_works_once(service: Service, viewer: Viewer) -> None:
    """EM-01."""
    await sign_up(viewer)
    [token] = await confirmation_tokens(service)

    assert [await confirm(viewer, token) for _ in range(2)] == [204, 400]


async def test_of_fifty_parallel_uses_exactly_one_has_an_effect(service: Service, viewer: Viewer) -> None:
    """EM-03."""
    for number in range(3):
        email = f"viewer{number}@example.ru"
        await sign_up(viewer, email=email)
        [token] = await confirmation_tokens(service, email)

        statuses = await asyncio.gather(*(confirm(viewer, token) for _ in range(50)))

        assert sorted(statuses) == [204] + [400] * 49


async def test_a_mailed_token_expires_after_a_day(service: Service, viewer: Viewer, clock: ManualClock) -> None:
    await sign_up(viewer, email="early@example.ru")
    await sign_up(viewer, email="late@example.ru")
    [early], [late] = [await confirmation_tokens(service, f"{who}@example.ru") for who in ("early", "late")]

    clock.advance(timedelta(hours=24) - timedelta(seconds=1))
    in_time = await confirm(viewer, early)
    clock.advance(timedelta(seconds=1))

    assert (in_time, await confirm(viewer, late)) == (204, 400)


async def test_a_token_of_another_purpose_confirms_nothing(service: Service, viewer: Viewer) -> None:
    """OA-25: one-time values are typed."""
    await sign_up(viewer)
    [token] = await confirmation_tokens(service)
    await execute(service, "UPDATE mail_tokens SET purpose = 'reset-password'")

    assert await confirm(viewer, token) == 400
    assert len(await execute(service, "SELECT 1 FROM mail_tokens")) == 1


async def test_the_tokens_of_sessions_confirm_nothing(service: Service, anna: Viewer) -> None:
    """OA-25: neither a refresh token nor an access token is a mail token."""
    answers = [await anna.post("/email/confirm", {"token": token}) for token in (anna.access_token, anna.refresh_token)]

    assert {answer.status for answer in answers} <= {400, 422}


async def test_a_token_proves_the_address_that_it_was_mailed_to_and_no_other(service: Service, viewer: Viewer) -> None:
    """EM-05."""
    await sign_up(viewer)
    [token] = await confirmation_tokens(service)
    await execute(service, "UPDATE users SET email = 'boris@example.ru', email_key = 'boris@example.ru'")

    assert await confirm(viewer, token) == 400
    user = await stored_user(service, "boris@example.ru")
    assert user is not None
    assert user.email_confirmed_at is None


async def test_only_the_hash_of_a_token_is_kept(service: Service, viewer: Viewer) -> None:
    """EM-07: 256 random bits in base64url; the table does not give them back."""
    for number in range(20):
        await sign_up(viewer, email=f"viewer{number}@example.ru")
    tokens = [(await confirmation_tokens(service, f"viewer{number}@example.ru"))[0] for number in range(20)]

    kept = {row["token_hash"] for row in await execute(service, "SELECT token_hash FROM mail_tokens")}

    assert {len(token) for token in tokens} == {43}
    assert kept == {sha256(token.encode()).digest() for token in tokens}


async def test_the_confirming_partys_password_counts(service: Service, viewer: Viewer) -> None:
    """EM-21: two people register one address; each mail carries the password of its own registration."""
    await sign_up(viewer, password=PASSWORD)
    await sign_up(viewer, password=OTHER_PASSWORD)
    _, second = await confirmation_tokens(service)

    statuses = [await confirm(viewer, second)]
    first_password, second_password = await viewer.login(EMAIL), await viewer.login(EMAIL, OTHER_PASSWORD)

    assert statuses == [204]
    assert (first_password.status, second_password.status) == (401, 200)


async def test_a_confirmation_makes_the_other_mails_worthless(service: Service, viewer: Viewer) -> None:
    """EM-04, EM-21: nobody changes the password afterwards with an older mail."""
    await sign_up(viewer, password=PASSWORD)
    await sign_up(viewer, password=OTHER_PASSWORD)
    first, second = await confirmation_tokens(service)

    assert [await confirm(viewer, token) for token in (first, second)] == [204, 400]
    assert (await viewer.login(EMAIL, PASSWORD)).status == 200


async def test_no_password_opens_a_contested_address(tmp_path: Path, clock: ManualClock) -> None:
    """EM-21: even where unconfirmed addresses may sign in, neither party gets in before the proof."""
    async with (
        serving(tmp_path / "data", clock, require_confirmed_email=False) as service,
        service.viewer() as viewer,
    ):
        await sign_up(viewer, password=PASSWORD)
        alone = await viewer.login(EMAIL)
        await sign_up(viewer, password=OTHER_PASSWORD)

        contested = [(await viewer.login(EMAIL, password)).status for password in (PASSWORD, OTHER_PASSWORD)]

        assert (alone.status, contested) == (200, [401, 401])


async def test_a_registration_sent_once_more_takes_no_password_away(tmp_path: Path, clock: ManualClock) -> None:
    """IN-16: the first answer was lost, and the client has asked again."""
    async with (
        serving(tmp_path / "data", clock, require_confirmed_email=False) as service,
        service.viewer() as viewer,
    ):
        for _ in range(2):
            await sign_up(viewer, password=PASSWORD)

        assert (await viewer.login(EMAIL)).status == 200


async def test_whoever_got_in_before_the_proof_is_put_out(tmp_path: Path, clock: ManualClock) -> None:
    """LK-07, pre-hijack: the attacker's session and password die when the owner confirms."""
    async with (
        serving(tmp_path / "data", clock, require_confirmed_email=False) as service,
        service.viewer() as attacker,
        service.viewer() as owner,
    ):
        await sign_up(attacker, password=PASSWORD)
        await attacker.login(EMAIL)
        await sign_up(owner, password=OTHER_PASSWORD)
        _, owners_token = await confirmation_tokens(service)

        await confirm(owner, owners_token)

        assert [(await attacker.get("/me")).status, (await attacker.refresh()).status] == [401, 401]
        assert [(await attacker.login(EMAIL)).status, (await owner.login(EMAIL, OTHER_PASSWORD)).status] == [401, 200]


async def test_confirming_the_own_registration_keeps_the_session(tmp_path: Path, clock: ManualClock) -> None:
    async with (
        serving(tmp_path / "data", clock, require_confirmed_email=False) as service,
        service.viewer() as viewer,
    ):
        await sign_up(viewer)
        await viewer.login(EMAIL)

        await confirm(viewer, await service.confirmation_token(EMAIL))

        assert (await viewer.get("/me")).json["email_confirmed"] is True


async def test_many_registrations_of_one_address_make_one_account(service: Service, viewer: Viewer) -> None:
    """IN-16: whichever mail is used, its password is the account's."""
    passwords = [f"{PASSWORD} {number}" for number in range(20)]

    await asyncio.gather(*(sign_up(viewer, password=password) for password in passwords))
    tokens = await confirmation_tokens(service)
    statuses = await asyncio.gather(*(confirm(viewer, token) for token in tokens))
    logins = [(await viewer.login(EMAIL, password)).status for password in passwords]

    assert await service.count("users") == 1
    assert (sorted(statuses), sorted(logins)) == ([204] + [400] * 19, [200] + [401] * 19)


async def test_registering_a_confirmed_address_changes_nothing_but_tells_its_owner(
    service: Service, anna: Viewer
) -> None:
    """EN-02: nothing is overwritten; the mail goes to the stored address, in its owner's language."""
    before = await execute(service, "SELECT * FROM users")

    await sign_up(anna, email="ANNA@EXAMPLE.RU", password=OTHER_PASSWORD)

    newest = (await service.mails())[0]
    assert await execute(service, "SELECT * FROM users") == before
    assert (newest.to, newest.subject) == (EMAIL, "У вас уже есть аккаунт")
    assert "#token=" not in newest.text


async def test_a_blocked_address_is_not_freed_by_registering_again(service: Service, viewer: Viewer) -> None:
    """SE-11."""
    await register(service, EMAIL)
    await block(service, EMAIL)

    await sign_up(viewer, password=OTHER_PASSWORD)

    assert (await viewer.login(EMAIL)).code == "account-blocked"
    assert (await viewer.login(EMAIL, OTHER_PASSWORD)).code == "invalid-credentials"


async def test_a_second_mail_can_be_asked_for(service: Service, viewer: Viewer) -> None:
    await sign_up(viewer)
    await viewer.post("/email/confirm/resend", {"email": EMAIL})
    first, second = await confirmation_tokens(service)

    assert first != second
    assert await confirm(viewer, second) == 204
    assert (await viewer.login(EMAIL)).status == 200


async def test_no_mail_is_sent_again_for_a_confirmed_or_unknown_address(service: Service, anna: Viewer) -> None:
    before = len(await service.mails())

    for email in (EMAIL, "nobody@example.ru"):
        await anna.post("/email/confirm/resend", {"email": email})

    assert len(await service.mails()) == before
