"""Somebody who is signed in links a further network."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.tests.social.scene import Scene
from app.tests.support.people import signed_in
from app.tests.support.viewer import Answer, Viewer


async def leave(browser: Viewer, social: str, **wishes: str) -> str:
    """Begin to link, let the provider's standing decision happen, and give the address that leads back."""
    answer = await browser.post(f"/me/social-accounts/{social}", wishes)
    assert answer.status == 200, answer.text
    return (await browser.get(answer.json["authorize_url"], headers={"Authorization": ""})).location


async def link(browser: Viewer, social: str, **wishes: str) -> Answer:
    """The whole way; the callback comes without an access token, as a browser sends it."""
    return await browser.get(await leave(browser, social, **wishes), headers={"Authorization": ""})


@asynccontextmanager
async def owner(scene: Scene, name: str) -> AsyncIterator[Viewer]:
    """Somebody who has registered by password and is signed in."""
    async with signed_in(scene.service, f"{name}@elsewhere.example") as browser:
        yield browser


async def socials(browser: Viewer) -> list[str]:
    return [each["social"] for each in (await browser.get("/me/social-accounts")).json]
