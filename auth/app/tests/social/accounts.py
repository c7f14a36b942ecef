"""People of the scene as accounts: registered by password, signed in at a provider, looked at from behind."""

import json
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from app.social.model import SocialAccount
from app.tests.social.scene import Scene
from app.tests.support.viewer import PASSWORD, Answer, Viewer
from emulator.names import Provider


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """What a completed sign-in led to."""

    is_new_account: bool
    me: dict[str, Any]
    access_token: str
    refresh_token: str

    @property
    def id(self) -> str:
        return str(self.me["id"])


async def sign_in(scene: Scene, social: Provider, persona: str, **options: str) -> SignedIn:
    """The whole way, in a fresh browser."""
    scene.emulator.decide(social, persona=persona)
    async with scene.browser() as browser:
        answer = await browser.sign_in_with(social, **options)
        assert answer.status == 200, answer.text
        me = await browser.get("/me")
        return SignedIn(
            is_new_account=answer.json["is_new_account"],
            me=me.json,
            access_token=browser.access_token,
            refresh_token=browser.refresh_token,
        )


@asynccontextmanager
async def signed_in_with(scene: Scene, social: Provider, persona: str) -> AsyncIterator[Viewer]:
    """A fresh browser in which somebody has just signed in."""
    scene.emulator.decide(social, persona=persona)
    async with scene.browser() as browser:
        answer = await browser.sign_in_with(social)
        assert answer.status == 200, answer.text
        yield browser


async def register(scene: Scene, email: str, *, confirmed: bool, password: str = PASSWORD) -> Answer:
    """An account with a password; when confirmed, the answer is its sign-in with `user_id` besides."""
    async with scene.browser() as browser:
        answer = await browser.post("/register", {"email": email, "password": password, "name": "Владелец"})
        if not confirmed:
            return answer
        await browser.post("/email/confirm", {"token": await scene.service.confirmation_token(email)})
        signed_in = await browser.login(email, password)
        return replace(signed_in, json={**signed_in.json, "user_id": my_id(browser)})


def my_id(browser: Viewer) -> str:
    """The account that a browser's access token speaks for."""
    payload = browser.access_token.split(".")[1]
    return str(json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"])


async def identity_of(scene: Scene, social: Provider, persona: str) -> SocialAccount:
    subject = scene.emulator.persona(persona).accounts[social].subject
    async with scene.service.services.storage.transaction() as tx:
        found = await tx.social_accounts.find(social, subject)
    assert found is not None
    return found


async def history_of(scene: Scene, user_id: str) -> list[tuple[str, str | None]]:
    """Outcome and network of each line in an account's login history, oldest first."""
    async with scene.service.services.storage.transaction() as tx:
        newest_first = await tx.history.of_user(UUID(user_id), limit=100)
    return [(each.outcome.value, each.social) for each in reversed(newest_first)]
