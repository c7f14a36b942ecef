"""Denying a social sign-in: the account at the provider is in somebody else's hands."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from app.social.model import SocialAccount
from app.tests.social.accounts import register
from app.tests.social.scene import open_scene

ABROAD = {"X-Forwarded-For": "203.0.113.7"}
ANNA = "anna@example.ru"


async def test_the_social_account_that_was_used_opens_nothing_any_more(tmp_path: Path) -> None:
    async with open_scene(tmp_path / "data", trusted_proxies=("127.0.0.1",)) as scene:
        owner = await register(scene, ANNA, confirmed=True)
        persona = scene.arrives("vk")
        now, account = scene.clock.now(), scene.emulator.persona(persona).accounts["vk"]
        linked = SocialAccount(
            social="vk",
            subject=account.subject,
            user_id=UUID(owner.json["user_id"]),
            email=None,
            name=None,
            linked_at=now - timedelta(days=100),
            last_used_at=now,
        )
        async with scene.service.services.storage.transaction() as tx:
            await tx.social_accounts.add(linked)
        async with scene.browser(**ABROAD) as thief:
            first = await thief.sign_in_with("vk")
            token = await scene.service.confirmation_token(ANNA)

            denied = await thief.post("/login/deny", {"token": token})
            later = await thief.sign_in_with("vk")

        assert (first.json["is_new_account"], denied.status) == (False, 204)
        assert later.json["is_new_account"]
