"""Programs that do not share the browser's cookies link by a verifier and their session (LK, OA)."""

import secrets

import pytest

from app.social.oauth2 import code_challenge
from app.tests.social.accounts import sign_in
from app.tests.social.linking import owner, socials
from app.tests.social.problems import assert_refused
from app.tests.social.scene import RETURN_URL, Scene
from app.tests.support.people import signed_in
from app.tests.support.viewer import PASSWORD, Viewer
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

VERIFIER = secrets.token_urlsafe(32)


async def bring(scene: Scene, program: Viewer, social: str) -> str:
    """Begin in a program, go through in a browser of its own kind, and give the link token that comes back."""
    wishes = {"return_to": RETURN_URL, "code_challenge": code_challenge(VERIFIER)}
    begun = await program.post(f"/me/social-accounts/{social}", wishes)
    assert "set-cookie" not in begun.headers
    async with scene.browser() as browser:
        back = (await browser.get(begun.json["authorize_url"])).location
        landed = await browser.get(back)
    assert landed.location.startswith(f"{RETURN_URL}?link_token=")
    assert set(landed.location_query) == {"link_token"}
    return landed.location_query["link_token"]


@pytest.mark.parametrize("social", PROVIDERS)
async def test_an_app_links_through_the_system_browser(social: Provider, shared: Scene) -> None:
    somebody = shared.arrives(social)

    async with owner(shared, f"app-{social}") as app:
        token = await bring(shared, app, social)
        assert await socials(app) == []
        answer = await app.post("/oauth/link", {"link_token": token, "code_verifier": VERIFIER})

        assert await socials(app) == [social]
        assert (await sign_in(shared, social, somebody)).id == (await app.get("/me")).json["id"]
    assert answer.status == 204


async def test_only_the_session_that_began_finishes(shared: Scene) -> None:
    shared.arrives("vk")

    async with (
        owner(shared, "one-device") as app,
        signed_in(shared.service, "one-device@elsewhere.example") as other_device,
        owner(shared, "another-person") as other,
        shared.browser() as nobody,
    ):
        body = {"link_token": await bring(shared, app, "vk"), "code_verifier": VERIFIER}
        async with shared.nothing_written():
            refused = [await each.post("/oauth/link", body) for each in (other_device, other)]
            anonymous = await nobody.post("/oauth/link", body)
            by_password = await nobody.post("/oauth/link", {**body, "password": PASSWORD})
            separately = await nobody.post("/oauth/link", {**body, "separate": True})
        finished = await app.post("/oauth/link", body)

    for answer in refused:
        assert_refused(answer, "link-not-yours")
    for answer in (anonymous, by_password, separately):
        assert_refused(answer, "authentication-required")
    assert finished.status == 204


@pytest.mark.parametrize(
    "verifier",
    ["", "short", "v" * 43, VERIFIER + "v", VERIFIER.swapcase()],
    ids=["none", "too short", "another", "one sign more", "in the other case"],
)
async def test_another_verifier_finishes_nothing(verifier: str, shared: Scene) -> None:
    shared.arrives("vk")

    async with owner(shared, "other-verifier") as app:
        body = {"link_token": await bring(shared, app, "vk"), "code_verifier": verifier}
        async with shared.nothing_written():
            answer = await app.post("/oauth/link", body)

    assert_refused(answer, "link-token-invalid")


async def test_oa_16_a_victim_who_is_led_to_the_callback_links_nothing(shared: Scene) -> None:
    """Neither the attacker's identity to the victim's account, nor, by the victim's page, the other way round."""
    shared.arrives("yandex")

    async with owner(shared, "leads") as thief, owner(shared, "is-led") as victim:
        wishes = {"return_to": RETURN_URL, "code_challenge": code_challenge(VERIFIER)}
        begun = await thief.post("/me/social-accounts/yandex", wishes)
        landed = await victim.get((await victim.get(begun.json["authorize_url"])).location)
        token = landed.location_query["link_token"]
        async with shared.nothing_written():
            answers = [
                await victim.post("/oauth/link", {"link_token": token, "code_verifier": verifier})
                for verifier in ("", "v" * 43, VERIFIER)
            ]

        assert await socials(victim) == await socials(thief) == []
    for answer in answers:
        assert_refused(answer, "link-token-invalid", "link-not-yours")


async def test_an_answer_comes_back_once(shared: Scene) -> None:
    shared.arrives("vk")

    async with owner(shared, "once") as app, shared.browser() as browser:
        wishes = {"return_to": RETURN_URL, "code_challenge": code_challenge(VERIFIER)}
        begun = await app.post("/me/social-accounts/vk", wishes)
        back = (await browser.get(begun.json["authorize_url"])).location
        await browser.get(back)
        async with shared.nothing_spent():
            second = await browser.get(back)

    assert_refused(second, "login-state-invalid")


async def test_a_session_that_has_ended_meanwhile_finishes_nothing(shared: Scene) -> None:
    shared.arrives("vk")

    async with owner(shared, "ends") as app:
        token = await bring(shared, app, "vk")
        await app.post("/logout")
        async with shared.nothing_written():
            answer = await app.post("/oauth/link", {"link_token": token, "code_verifier": VERIFIER})

    assert_refused(answer, "authentication-required")


@pytest.mark.parametrize("challenge", ["", "short", "c" * 44, "c" * 42 + "+"])
async def test_a_malformed_challenge_begins_nothing(challenge: str, shared: Scene) -> None:
    async with owner(shared, "malformed") as app:
        wishes = {"return_to": RETURN_URL, "code_challenge": challenge}

        assert_refused(await app.post("/me/social-accounts/vk", wishes), "return-address-refused")
