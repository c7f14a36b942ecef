"""A mobile app that gets a code from the provider itself, as its SDK does."""

import secrets
from typing import Any

from app.social.oauth2 import code_challenge
from app.tests.social.scene import Scene, query_of
from app.tests.support.viewer import Answer, Viewer
from emulator import DEMO_APPS
from emulator.names import Provider

APPS: list[Provider] = ["yandex", "vk"]
APP_LINKS = {social: DEMO_APPS[social].app_links[0] for social in APPS}
LISTED: dict[str, Any] = {"native_redirect_uris": tuple(APP_LINKS.values())}  # what the operators have to set


async def get_code(scene: Scene, app: Viewer, social: Provider, verifier: str = "") -> dict[str, str]:
    """Let the provider's standing decision happen; give all that `POST /oauth/native` takes."""
    verifier = verifier or secrets.token_urlsafe(32)
    variables = scene.emulator.environment()
    asked = {
        "response_type": "code",
        "client_id": variables[f"AUTH_{social.upper()}_CLIENT_ID"],
        "redirect_uri": APP_LINKS[social],
        "state": secrets.token_urlsafe(32),
        "code_challenge": code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    scopes = {"scope": "vkid.personal_info email"} if social == "vk" else {}
    answer = await app.get(variables[f"AUTH_{social.upper()}_AUTHORIZE_URL"], params={**asked, **scopes})
    assert answer.location.startswith(APP_LINKS[social] + "?")
    returned = query_of(answer.location)
    assert returned["state"] == asked["state"]
    device = {"device_id": returned["device_id"]} if social == "vk" else {}
    return {
        "social": social,
        "code": returned["code"],
        "code_verifier": verifier,
        "redirect_uri": APP_LINKS[social],
        **device,
    }


async def sign_in_natively(scene: Scene, app: Viewer, social: Provider, **changes: Any) -> Answer:
    """The whole way; keeps the pair if there is one."""
    answer = await app.post("/oauth/native", {**await get_code(scene, app, social), **changes})
    return app.keep(answer) if answer.status == 200 else answer
