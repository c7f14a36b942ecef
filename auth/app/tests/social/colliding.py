"""An identity meets an account by its address: the way to the link token, and on from there."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.http.client import Client
from app.settings import Social
from app.social.complete_link import Proof
from app.social.model import PendingLink, Profile
from app.social.oauth2 import code_challenge
from app.tests.social.accounts import register
from app.tests.social.scene import RETURN_URL, Scene
from app.tests.support.viewer import Answer, Viewer
from emulator.names import Provider

_VERIFIER = "v" * 43


@dataclass(frozen=True, kw_only=True)
class Met:
    """Somebody who has come with an identity whose address is another account's.

    Attributes:
        owner_id: whose the address is.
        persona: who has come.
    """

    owner_id: str
    email: str
    persona: str
    token: str
    verifier: str
    ways: list[dict[str, str]]

    @property
    def proof(self) -> dict[str, str]:
        """What `POST /oauth/link` takes besides a proof of the account."""
        return {"link_token": self.token, "code_verifier": self.verifier}


def waiting_link(social: Social, subject: str, user_id: UUID, *, now: datetime) -> PendingLink:
    """An identity as it waits for a proof, which `by_front_end` may bring."""
    return PendingLink(
        social=social,
        profile=Profile(subject=subject),
        user_id=user_id,
        locale="ru",
        expires_at=now + timedelta(minutes=1),
        code_challenge=code_challenge(_VERIFIER),
    )


def by_front_end(*, password: str | None = None, separate: bool = False) -> Proof:
    """What `POST /oauth/link` makes of a body with the verifier of `waiting_link`."""
    return Proof(
        code_verifier=_VERIFIER,
        browser_keys=(),
        principal=None,
        password=password,
        separate=separate,
        replace=False,
        client=Client(address="192.0.2.1", user_agent="test"),
    )


async def collide(scene: Scene, browser: Viewer, social: Provider = "vk", **same: Any) -> Met:
    """Register an account by password, then come with an identity that tells its address unproven."""
    persona = scene.newcomer(**same)
    email = f"{persona}@elsewhere.example"
    owner = await register(scene, email, confirmed=True)
    scene.emulator.change(persona, social, email=email)
    return await come(scene, browser, social, persona, email=email, owner_id=owner.json["user_id"])


async def come(scene: Scene, browser: Viewer, social: Provider, persona: str, *, email: str, owner_id: str) -> Met:
    """Sign in from a front end, and fetch what the collision has led to."""
    scene.emulator.decide(social, persona=persona)
    verifier = secrets.token_urlsafe(32)
    landed = await browser.sign_in_with(social, return_to=RETURN_URL, code_challenge=code_challenge(verifier))
    assert landed.location_query["error"] == "account-exists"
    code = landed.location_query["code"]
    problem = (await browser.post("/oauth/exchange", {"code": code, "code_verifier": verifier})).json
    return Met(
        owner_id=owner_id,
        email=email,
        persona=persona,
        token=problem["link_token"],
        verifier=verifier,
        ways=problem["ways"],
    )


async def prove(browser: Viewer, met: Met, **proof: Any) -> Answer:
    """Bring the link token with a proof."""
    return await browser.post("/oauth/link", {**met.proof, **proof})
