"""What an account is linked with: shown to its owner, and unlinked unless nobody could sign in afterwards (LK)."""

from datetime import timedelta

import pytest

from app.social.linked import mask_subject
from app.tests.social.accounts import history_of, identity_of, register, sign_in, signed_in_with
from app.tests.social.problems import assert_refused
from app.tests.social.scene import Scene
from app.tests.support.people import block, signed_in
from app.tests.support.viewer import Viewer
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _linked_twice(scene: Scene) -> str:
    """Somebody whose one mailbox Google and Mail.ru prove: both open one account, which has no password."""
    somebody = scene.newcomer(hd="mail.ru")
    scene.emulator.change(somebody, "google", email=f"{somebody}@mail.ru")
    return somebody


async def _socials(browser: Viewer) -> list[str]:
    return [each["social"] for each in (await browser.get("/me/social-accounts")).json]


@pytest.mark.parametrize("social", PROVIDERS)
async def test_the_owner_sees_what_the_account_is_linked_with(social: Provider, shared: Scene) -> None:
    somebody = shared.newcomer(subject="1234567890123")
    account = shared.emulator.persona(somebody).accounts[social]
    now = shared.clock.now().isoformat().replace("+00:00", "Z")

    async with signed_in_with(shared, social, somebody) as browser:
        answer = await browser.get("/me/social-accounts?locale=en")

    [shown] = answer.json
    assert answer.headers["cache-control"] == "no-store"
    assert "1234567890123" not in answer.text
    assert shown.pop("title") in {"Yandex", "VK ID", "Google", "Mail.ru"}
    assert shown.pop("name")
    assert shown == {
        "social": social,
        "subject_masked": "…0123",
        "email": account.email,
        "linked_at": now,
        "last_used_at": now,
        "offered": True,
    }


@pytest.mark.parametrize(
    ("subject", "masked"), [("12345678", "…5678"), ("1234567", "…567"), ("12", "…2"), ("1", "…"), ("9" * 255, "…9999")]
)
async def test_at_most_half_of_a_subject_is_shown(subject: str, masked: str) -> None:
    assert mask_subject(subject) == masked


async def test_networks_are_listed_in_the_order_of_linking(shared: Scene) -> None:
    somebody = _linked_twice(shared)

    await sign_in(shared, "mail", somebody)
    shared.clock.advance(timedelta(seconds=1))
    async with signed_in_with(shared, "google", somebody) as browser:
        assert await _socials(browser) == ["mail", "google"]


@pytest.mark.parametrize("social", PROVIDERS)
async def test_lk_21_the_only_way_in_stays_and_the_owner_is_told_what_to_set_up(
    social: Provider, shared: Scene
) -> None:
    somebody = shared.newcomer()

    async with signed_in_with(shared, social, somebody) as browser, shared.nothing_written():
        answer = await browser.delete(f"/me/social-accounts/{social}")

    assert_refused(answer, "last-sign-in-method")
    has_address = social != "vk"  # VK proves none
    missing = ["set-password"] if has_address else ["add-email", "confirm-email", "set-password"]
    assert answer.json["set_up_first"] == [missing, ["link-another"]]
    assert (await sign_in(shared, social, somebody)).is_new_account is False


@pytest.mark.parametrize("social", ["yandex", "google", "mail"])
async def test_lk_21_with_a_password_and_a_confirmed_address_the_network_goes(social: Provider, shared: Scene) -> None:
    somebody = shared.newcomer()
    address = shared.emulator.persona(somebody).accounts[social].email or ""
    owner = await register(shared, address, confirmed=True)

    async with signed_in_with(shared, social, somebody) as browser:
        answer = await browser.delete(f"/me/social-accounts/{social}")
        left = await _socials(browser)

    assert (answer.status, answer.text, left) == (204, "", [])
    async with signed_in(shared.service, address) as browser:
        assert (await browser.get("/me")).json["id"] == owner.json["user_id"]


async def test_lk_21_another_linked_network_is_a_way_in(shared: Scene) -> None:
    somebody = _linked_twice(shared)
    account = await sign_in(shared, "mail", somebody)

    async with signed_in_with(shared, "google", somebody) as browser:
        first = await browser.delete("/me/social-accounts/google")
        second = await browser.delete("/me/social-accounts/mail")

    assert first.status == 204
    assert_refused(second, "last-sign-in-method")
    assert (await sign_in(shared, "mail", somebody)).id == account.id


async def test_the_other_name_of_mail_ru_is_understood(shared: Scene) -> None:
    somebody = _linked_twice(shared)
    await sign_in(shared, "mail", somebody)

    async with signed_in_with(shared, "google", somebody) as browser:
        assert (await browser.delete("/me/social-accounts/mailru")).status == 204
        assert await _socials(browser) == ["google"]


@pytest.mark.parametrize("social", ["vk", "unknown", "%00", "mail%2F..%2Fgoogle"])
async def test_lk_23_what_is_not_linked_to_oneself_is_not_there(social: str, shared: Scene) -> None:
    """Networks are named, never identities: there is no way to name somebody else's."""
    victim = shared.newcomer()
    await sign_in(shared, "vk", victim)

    async with signed_in_with(shared, "yandex", shared.newcomer()) as browser, shared.nothing_written():
        answer = await browser.delete(f"/me/social-accounts/{social}")

    assert_refused(answer, "not-found")
    assert (await sign_in(shared, "vk", victim)).is_new_account is False


@pytest.mark.asyncio(loop_scope="function")
async def test_unlinking_needs_a_recent_sign_in(scene: Scene) -> None:
    somebody = _linked_twice(scene)
    await sign_in(scene, "mail", somebody)

    async with signed_in_with(scene, "google", somebody) as browser:
        scene.clock.advance(timedelta(minutes=10, seconds=1))
        browser.keep(await browser.refresh())
        async with scene.nothing_written():
            late = await browser.delete("/me/social-accounts/google")
        assert len(await _socials(browser)) == 2
        scene.emulator.decide("google", persona=somebody)
        await browser.sign_in_with("google")
        again = await browser.delete("/me/social-accounts/google")

    assert (late.status, late.code, again.status) == (403, "recent-sign-in-needed", 204)


async def test_the_other_sessions_of_the_unlinked_network_end(shared: Scene) -> None:
    """Whoever has the social account by now may hold them; the session that asks stays, and so do all others."""
    somebody = _linked_twice(shared)
    async with (
        signed_in_with(shared, "google", somebody) as stolen,
        signed_in_with(shared, "mail", somebody) as other,
        signed_in_with(shared, "google", somebody) as asking,
    ):
        await asking.delete("/me/social-accounts/google")
        statuses = [(await each.get("/me")).status for each in (stolen, other, asking)]
        refreshed = [(await each.refresh()).status for each in (stolen, other, asking)]

    assert statuses == [401, 200, 200]
    assert refreshed == [401, 200, 200]


async def test_lk_29_hi_01_the_owner_is_told_by_mail_and_in_the_history(shared: Scene) -> None:
    somebody = _linked_twice(shared)
    account = await sign_in(shared, "mail", somebody)
    async with signed_in_with(shared, "google", somebody) as browser:
        linked = (await shared.service.mails(f"{somebody}@mail.ru"))[0]
        await browser.delete("/me/social-accounts/google")

    unlinked = (await shared.service.mails(f"{somebody}@mail.ru"))[0]
    assert [each.subject for each in (linked, unlinked)] == [
        "Привязан вход через соцсеть",
        "Вход через соцсеть отвязан",
    ]
    assert all("Google" in each.text for each in (linked, unlinked))
    assert all("/password/reset\n" in each.text for each in (linked, unlinked))
    assert await history_of(shared, account.id) == [
        ("succeeded", "mail"), ("succeeded", "google"), ("social-linked", "google"), ("social-unlinked", "google"),
    ]  # fmt: skip


async def test_a_first_sign_in_links_nothing_and_mails_nothing(shared: Scene) -> None:
    somebody = shared.newcomer()

    account = await sign_in(shared, "google", somebody)

    assert await shared.service.mails(account.me["email"]) == []
    assert await history_of(shared, account.id) == [("succeeded", "google")]


async def test_a_blocked_owner_unlinks_nothing(shared: Scene) -> None:
    somebody = _linked_twice(shared)
    await sign_in(shared, "mail", somebody)

    async with signed_in_with(shared, "google", somebody) as browser:
        await block(shared.service, f"{somebody}@mail.ru")
        async with shared.nothing_written():
            answer = await browser.delete("/me/social-accounts/google")

    assert (answer.status, answer.code) == (401, "authentication-required")
    assert (await identity_of(shared, "google", somebody)).social == "google"
