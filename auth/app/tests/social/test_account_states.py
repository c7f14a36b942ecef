"""Blocked and deleted accounts meet their social identities (LK-27, LK-28)."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from app.social.oauth2 import code_challenge
from app.storage.sql.tables import social_accounts, users
from app.tests.social.accounts import history_of, register, sign_in
from app.tests.social.problems import assert_refused
from app.tests.social.scene import RETURN_URL, Scene
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _block(scene: Scene, user_id: str, at: datetime | None = None) -> None:
    async with scene.service.services.storage.transaction() as tx:
        values = {"blocked_at": at or scene.clock.now()}
        await tx._connection.execute(update(users).where(users.c.id == UUID(user_id)).values(values))


async def _identities(scene: Scene, user_id: str) -> list[object]:
    """The linked accounts as they are stored, the moment of the last use included."""
    async with scene.service.services.storage.transaction() as tx:
        mine = social_accounts.c.user_id == UUID(user_id)
        return [tuple(row) for row in await tx._connection.execute(select(social_accounts).where(mine))]


async def _delete(scene: Scene, user_id: str) -> None:
    async with scene.service.services.storage.transaction() as tx:
        await tx.users.delete(UUID(user_id))


@pytest.mark.parametrize("social", PROVIDERS)
async def test_lk_27_a_blocked_account_is_refused_and_not_made_again(social: Provider, shared: Scene) -> None:
    somebody = shared.newcomer()
    account = await sign_in(shared, social, somebody)
    await _block(shared, account.id)
    before = await _identities(shared, account.id)
    shared.clock.advance(timedelta(seconds=1))

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with(social)

    assert_refused(answer, "social-login-refused", unseen=(account.id,))
    assert await _identities(shared, account.id) == before


async def test_lk_27_a_blocked_account_is_not_joined_by_another_provider(shared: Scene) -> None:
    somebody = shared.newcomer()
    registered = await register(shared, f"{somebody}@gmail.com", confirmed=True)
    await _block(shared, registered.json["user_id"])
    shared.emulator.decide("google", persona=somebody)

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with("google")

    assert_refused(answer, "social-login-refused")


async def test_lk_27_the_front_end_is_told_by_the_code_alone(shared: Scene) -> None:
    somebody = shared.newcomer()
    account = await sign_in(shared, "vk", somebody)
    await _block(shared, account.id)

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with("vk", return_to=RETURN_URL, code_challenge=code_challenge("v" * 43))

    assert answer.location == f"{RETURN_URL}?error=social-login-refused"


async def test_se_11_an_account_blocked_while_its_owner_is_at_the_provider_stays_shut(shared: Scene) -> None:
    somebody = shared.newcomer()
    account = await sign_in(shared, "yandex", somebody)

    async with shared.browser() as browser:
        back = await browser.visit_provider(await browser.depart("yandex"))
        await _block(shared, account.id)
        answer = await browser.get(back)

    assert_refused(answer, "social-login-refused")


@pytest.mark.parametrize("social", PROVIDERS)
async def test_lk_28_after_deletion_the_same_person_is_new(social: Provider, shared: Scene) -> None:
    somebody = shared.newcomer()
    before = await sign_in(shared, social, somebody)
    await _delete(shared, before.id)

    after = await sign_in(shared, social, somebody)

    assert after.is_new_account is True
    assert after.id != before.id
    assert after.me["roles"] == []
    assert after.me["created_at"] == shared.clock.now().isoformat().replace("+00:00", "Z")


async def test_lk_28_an_account_deleted_while_its_owner_is_at_the_provider_is_made_anew(shared: Scene) -> None:
    somebody = shared.newcomer()
    account = await sign_in(shared, "mail", somebody)

    async with shared.browser() as browser:
        back = await browser.visit_provider(await browser.depart("mail"))
        await _delete(shared, account.id)
        answer = await browser.get(back)

    assert (answer.status, answer.json["is_new_account"]) == (200, True)


async def test_hi_01_the_owner_sees_who_was_let_in_and_who_was_not(shared: Scene) -> None:
    somebody = shared.newcomer()
    account = await sign_in(shared, "google", somebody)
    stranger = shared.newcomer(email=f"{somebody}@gmail.com")
    shared.emulator.decide("google", persona=stranger)
    async with shared.browser() as browser:
        collided = await browser.sign_in_with("google")
        shared.emulator.decide("google", persona=somebody)
        await _block(shared, account.id)
        blocked = await browser.sign_in_with("google")

    assert (collided.code, blocked.code) == ("account-exists", "social-login-refused")
    assert await history_of(shared, account.id) == [
        ("succeeded", "google"), ("account-exists", "google"), ("account-blocked", "google"),
    ]  # fmt: skip
