"""Google One Tap: the identity arrives by a form post, without a code (GO-8)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from emulator.apps import DEMO_APPS
from emulator.id_token import id_token
from emulator.providers.google import identity_claims, profile
from emulator.world import World

Csrf = Literal["good", "bad", "missing"]

_SCOPES = ("openid", "email", "profile")


@dataclass(frozen=True, kw_only=True)
class OneTap:
    """What the browser posts to the client's `login_uri`, and the cookie that comes along."""

    form: Mapping[str, str]
    cookies: Mapping[str, str]


def one_tap(
    world: World, persona: str, *, csrf: Csrf = "good", nonce: str | None = None, client_id: str | None = None
) -> OneTap:
    """Make such a post; faults of the endpoint `one_tap` apply to its ID token.

    Args:
        csrf: whether the cookie equals the field, differs from it, or is absent.

    Raises:
        PersonaUnknown: the persona has no Google account.
    """
    audience = client_id or DEMO_APPS["google"].client_id
    account = world.cast.account(persona, "google")
    claims = identity_claims(world, audience, profile(account, _SCOPES)) | {"jti": secrets.token_hex(20)}
    if nonce is not None:
        claims["nonce"] = nonce
    credential = id_token(world.keyring, claims, world.effects("google", "one_tap"))
    token = secrets.token_hex(16)
    form = {"credential": credential, "g_csrf_token": token, "select_by": "btn", "client_id": audience}
    cookie = {"good": token, "bad": secrets.token_hex(16)}.get(csrf)
    return OneTap(form=form, cookies={} if cookie is None else {"g_csrf_token": cookie})
