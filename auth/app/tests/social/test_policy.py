"""The operators leave foreign networks out (`AUTH_SOCIAL_POLICY=ru`): everywhere, and for everybody."""

from pathlib import Path
from uuid import uuid4

import pytest

from app.social import pending_link
from app.social.complete_link import complete_link
from app.social.errors import ProviderUnknown
from app.tests.social.accounts import sign_in, signed_in_with
from app.tests.social.colliding import by_front_end, waiting_link
from app.tests.social.linking import link, owner
from app.tests.social.problems import assert_refused
from app.tests.social.scene import open_scene

NATIVE = {"social": "google", "code": "x", "code_verifier": "v" * 43, "redirect_uri": "app:/back"}


async def test_a_foreign_network_is_neither_offered_nor_accepted(tmp_path: Path) -> None:
    async with open_scene(tmp_path / "data", social_policy="ru") as scene:
        async with owner(scene, "policy") as browser, scene.nothing_spent():
            offered = [each["social"] for each in (await browser.get("/oauth/providers")).json]
            refused = [
                await browser.depart("google"),
                await browser.get(f"/oauth/authorize?social=google&code=x&state={'A' * 43}"),
                await browser.get(f"/oauth/authorize/google?code=x&state={'A' * 43}"),
                await browser.post("/me/social-accounts/google"),
                await browser.post("/oauth/native", NATIVE),
            ]
        async with owner(scene, "policy") as browser:
            scene.arrives("yandex")
            assert (await link(browser, "yandex")).status == 200

    assert offered == ["yandex", "vk", "mail"]
    for answer in refused:
        assert_refused(answer, "provider-unknown")


async def test_lk_21_who_has_linked_one_sees_it_and_cannot_count_on_it(tmp_path: Path) -> None:
    async with open_scene(tmp_path / "data") as scene:
        before = await sign_in(scene, "google", "anna")
        async with signed_in_with(scene, "google", "anna") as browser:
            scene.emulator.decide("vk", persona="anna")
            await link(browser, "vk")

    async with (
        open_scene(tmp_path / "data", social_policy="ru") as scene,
        signed_in_with(scene, "vk", "anna") as browser,
    ):
        me = (await browser.get("/me")).json
        listed = (await browser.get("/me/social-accounts")).json
        last = await browser.delete("/me/social-accounts/vk")
        unlinked = await browser.delete("/me/social-accounts/google")

    assert me["id"] == before.id
    assert {each["social"]: each["offered"] for each in listed} == {"google": False, "vk": True}
    assert_refused(last, "last-sign-in-method")
    assert unlinked.status == 204


async def test_a_link_that_waits_is_not_finished_once_its_network_is_left_out(tmp_path: Path) -> None:
    async with open_scene(tmp_path / "data", social_policy="ru") as scene:
        services = scene.service.services
        pending = waiting_link("google", "4716", uuid4(), now=scene.clock.now())
        token = await pending_link.put(services.social, pending)

        async with scene.nothing_written():
            with pytest.raises(ProviderUnknown):
                await complete_link(services.social, services.limits, token, by_front_end(separate=True))
