"""Somebody who is signed in links a further network: bound to browser, account and session (LK, OA)."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.errors import AuthenticationRequired
from app.http.client import Client
from app.social import join
from app.social.asker import Asker
from app.social.model import Profile
from app.tests.social.accounts import history_of, identity_of, my_id, register, sign_in, signed_in_with
from app.tests.social.linking import leave, link, owner, socials
from app.tests.social.problems import assert_refused
from app.tests.social.scene import RETURN_URL, Scene, get_exactly
from app.tests.support.people import block
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = Client(address="192.0.2.1", user_agent="test")


@pytest.mark.parametrize("social", PROVIDERS)
async def test_a_network_is_linked_whatever_its_address_and_signs_in_from_then_on(
    social: Provider, shared: Scene
) -> None:
    somebody = shared.arrives(social)

    async with owner(shared, f"links-{social}") as browser:
        me = (await browser.get("/me")).json
        answer = await link(browser, social, locale="en")
        shown = (await browser.get("/me/social-accounts?locale=en")).json

    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert shown == [answer.json]
    assert "access_token" not in answer.text
    again = await sign_in(shared, social, somebody)
    assert (again.id, again.is_new_account) == (me["id"], False)
    assert again.me["email"] == me["email"]


async def test_the_way_back_carries_a_mark_and_nothing_else(shared: Scene) -> None:
    shared.arrives("vk")

    async with owner(shared, "way-back") as browser:
        answer = await link(browser, "vk", return_to=f"{RETURN_URL}?tab=2")

        assert await socials(browser) == ["vk"]
    assert (answer.status, answer.location) == (303, f"{RETURN_URL}?tab=2&linked=1")


async def test_a_refusal_is_told_on_the_way_back(shared: Scene) -> None:
    shared.emulator.refuse("yandex", times=1)

    async with owner(shared, "refuses") as browser:
        answer = await link(browser, "yandex", return_to=RETURN_URL)

        assert await socials(browser) == []
    assert (answer.status, answer.location) == (303, f"{RETURN_URL}?error=login-denied")


@pytest.mark.parametrize("return_to", ["https://evil.example/", f"{RETURN_URL}?linked=1", "javascript:alert(1)"])
async def test_rd_01_the_way_back_leads_to_listed_pages_only(return_to: str, shared: Scene) -> None:
    async with owner(shared, "strays") as browser, shared.nothing_written():
        answer = await browser.post("/me/social-accounts/yandex", {"return_to": return_to})

    assert_refused(answer, "return-address-refused")


async def test_linking_the_same_account_again_changes_nothing_and_succeeds(shared: Scene) -> None:
    shared.arrives("google")

    async with owner(shared, "twice") as browser:
        first = await link(browser, "google")
        mails = len(await shared.service.mails("twice@elsewhere.example"))
        async with shared.nothing_written():
            second = await link(browser, "google")

        assert (second.status, second.json) == (200, first.json)
        assert len(await shared.service.mails("twice@elsewhere.example")) == mails
        assert await history_of(shared, my_id(browser)) == [("succeeded", None), ("social-linked", "google")]


async def test_a_second_account_of_one_network_is_refused_until_the_first_is_unlinked(shared: Scene) -> None:
    async with owner(shared, "two-of-one") as browser:
        shared.arrives("mail")
        await link(browser, "mail")
        shared.arrives("mail")
        async with shared.nothing_written():
            refused = await link(browser, "mail")
        await browser.delete("/me/social-accounts/mail")
        accepted = await link(browser, "mail")

    assert_refused(refused, "provider-linked-already")
    assert accepted.status == 200


@pytest.mark.parametrize("social", PROVIDERS)
async def test_lk_19_what_is_linked_to_somebody_else_does_not_move(social: Provider, shared: Scene) -> None:
    somebody = shared.newcomer()
    theirs = await sign_in(shared, social, somebody)
    shared.emulator.decide(social, persona=somebody)

    async with owner(shared, f"wants-{social}") as browser, shared.nothing_written():
        plainly = await link(browser, social)
        by_address = await link(browser, social, return_to=RETURN_URL)

    names = (theirs.id, somebody, theirs.me["email"] or somebody)
    assert_refused(plainly, "identity-in-use", unseen=names)
    assert by_address.location == f"{RETURN_URL}?error=identity-in-use"
    assert (await sign_in(shared, social, somebody)).id == theirs.id


@pytest.mark.parametrize("social", PROVIDERS)
async def test_oa_16_a_callback_of_somebody_else_links_nothing(social: Provider, shared: Scene) -> None:
    """The victim is signed in here and has begun to link; their browser is led to the attacker's callbacks."""
    attacker = shared.arrives(social)
    async with owner(shared, f"attacker-{social}") as thief, owner(shared, f"victim-{social}") as victim:
        own = await leave(victim, social)
        linking, signing_in = await leave(thief, social), await thief.visit_provider(await thief.depart(social))
        async with shared.nothing_spent():
            answers = [await victim.get(address) for address in (linking, signing_in)]

        for answer in answers:
            assert_refused(answer, "login-state-invalid", unseen=(attacker,))
        assert await socials(victim) == await socials(thief) == []
        assert (await victim.get(own)).status == 200


async def test_the_cookie_of_ones_own_attempt_does_not_finish_anothers(shared: Scene) -> None:
    shared.arrives("yandex")
    async with owner(shared, "cookie-thief") as thief, owner(shared, "cookie-victim") as victim:
        foreign = await leave(thief, "yandex")
        name = next(iter(thief.session.cookie_jar)).key
        await leave(victim, "yandex")
        own_key = next(iter(victim.session.cookie_jar)).value

        async with shared.nothing_spent():
            answer = await get_exactly(victim, foreign, cookies={name: own_key})

    assert_refused(answer, "login-state-invalid")


async def test_it_is_the_account_that_began_whoever_is_signed_in_at_the_callback(shared: Scene) -> None:
    """Two people share a browser: the tokens in it are not looked at."""
    shared.arrives("vk")

    async with owner(shared, "began") as browser, owner(shared, "came-later") as other:
        back = await leave(browser, "vk")
        first = browser.access_token
        browser.access_token = other.access_token
        assert (await browser.get(back)).status == 200
        browser.access_token = first

        assert (await socials(browser), await socials(other)) == (["vk"], [])


ENDS = {
    "logged out": "/logout",
    "logged out everywhere": "/logout/all",
}


@pytest.mark.parametrize("path", ENDS.values(), ids=list(ENDS))
async def test_an_ended_session_links_nothing_and_spends_no_code(path: str, shared: Scene) -> None:
    shared.arrives("yandex")

    async with owner(shared, "leaves") as browser:
        back, by_address = await leave(browser, "yandex"), await leave(browser, "yandex", return_to=RETURN_URL)
        await browser.post(path)
        async with shared.nothing_spent():
            plainly, told = await browser.get(back), await browser.get(by_address)

    assert_refused(plainly, "authentication-required")
    assert told.location == f"{RETURN_URL}?error=authentication-required"


async def test_lk_10_a_password_reset_stops_what_a_thief_has_begun(shared: Scene) -> None:
    shared.arrives("google")
    address = "recovers@elsewhere.example"

    async with owner(shared, "recovers") as thief, shared.browser() as victim:
        back = await leave(thief, "google")
        await victim.post("/password/forgot", {"email": address})
        token = await shared.service.confirmation_token(address)
        await victim.post("/password/reset", {"token": token, "password": "five slow green trams"})
        async with shared.nothing_spent():
            answer = await thief.get(back)

    assert_refused(answer, "authentication-required")


async def test_an_account_blocked_meanwhile_links_nothing(shared: Scene) -> None:
    shared.arrives("google")

    async with owner(shared, "blocked") as browser:
        back = await leave(browser, "google")
        await block(shared.service, "blocked@elsewhere.example")
        async with shared.nothing_spent():
            answer = await browser.get(back)

    assert_refused(answer, "authentication-required")


async def test_a_session_that_ends_while_the_provider_answers_links_nothing(shared: Scene) -> None:
    """Looked at once more under the lock, after the code has been spent."""
    profile = Profile(subject="4714", name="Слишком поздно")
    async with owner(shared, "too-late") as browser:
        session = (await browser.get("/me/sessions")).json["items"][0]["id"]
        asker = Asker(user_id=UUID(my_id(browser)), session_id=UUID(session), client=HERE)
        await browser.post("/logout")

    with pytest.raises(AuthenticationRequired):
        await join.link(shared.service.services.social, asker, join.Wanted(social="vk", profile=profile))
    async with shared.service.services.storage.transaction() as tx:
        assert await tx.social_accounts.find("vk", "4714") is None


@pytest.mark.asyncio(loop_scope="function")
async def test_linking_needs_a_recent_sign_in(scene: Scene) -> None:
    scene.arrives("yandex")

    async with owner(scene, "late") as browser:
        scene.clock.advance(timedelta(minutes=10, seconds=1))
        browser.keep(await browser.refresh())
        late = await browser.post("/me/social-accounts/yandex")
        await browser.login("late@elsewhere.example")
        again = await link(browser, "yandex")

    assert (late.status, late.code, again.status) == (403, "recent-sign-in-needed", 200)


async def test_an_unknown_network_cannot_be_linked(shared: Scene) -> None:
    async with owner(shared, "unknown") as browser:
        assert_refused(await browser.post("/me/social-accounts/myspace"), "provider-unknown")


async def test_lk_33_the_owner_of_an_address_links_what_would_not_be_joined_by_itself(shared: Scene) -> None:
    """An unproven address is no proof, a signed-in session is: VK joins nothing by its address."""
    somebody = shared.arrives("vk", email="meets@elsewhere.example")
    await register(shared, "meets@elsewhere.example", confirmed=True)
    async with shared.browser() as stranger:
        assert_refused(await stranger.sign_in_with("vk"), "account-exists")

    async with owner(shared, "meets") as browser:
        assert (await link(browser, "vk")).status == 200

        assert (await sign_in(shared, "vk", somebody)).id == my_id(browser)


async def test_lk_29_lk_15_the_owner_is_told_and_no_mailed_link_links_anything(shared: Scene) -> None:
    somebody = shared.newcomer()
    shared.emulator.decide("vk", persona=somebody)

    async with owner(shared, "told") as browser:
        await link(browser, "vk")
        me = my_id(browser)

    mail = (await shared.service.mails("told@elsewhere.example"))[0]
    assert "VK ID" in mail.text
    assert "#token=" not in mail.text
    assert (await history_of(shared, me))[-1] == ("social-linked", "vk")
    name = (await identity_of(shared, "vk", somebody)).name or ""
    assert name not in mail.text  # whoever names an account there would write to its owner here


async def test_an_account_by_network_alone_links_further_ones(shared: Scene) -> None:
    somebody = shared.newcomer()

    async with signed_in_with(shared, "yandex", somebody) as browser:
        shared.emulator.decide("vk", persona=somebody)
        await link(browser, "vk")
        unlinked = await browser.delete("/me/social-accounts/yandex")

        assert await socials(browser) == ["vk"]
    assert unlinked.status == 204
