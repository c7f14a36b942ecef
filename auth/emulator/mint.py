"""Codes and tokens made to order, without anybody at the sign-in page."""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from emulator.apps import App
from emulator.authorize import issue_code
from emulator.decisions import Allow
from emulator.names import Provider
from emulator.providers import SPECS
from emulator.spec import Asked
from emulator.tokens import Grant
from emulator.world import World

_LIFETIME = timedelta(hours=1)
_DEVICE = "minted"


def mint_code(
    world: World,
    provider: Provider,
    decision: Allow,
    *,
    client_id: str | None,
    parameters: Mapping[str, str | None],
) -> str:
    """Make a code from the parameters which an authorize request would have had."""
    world.cast.account(decision.persona, provider)
    app = _app(world, provider, client_id)
    given = {name: value for name, value in parameters.items() if value is not None}
    asked = Asked(
        app=app,
        redirect_uri=given.get("redirect_uri") or next(iter(app.redirect_uris), ""),
        state=None,
        scopes=_scopes(provider, tuple(given.get("scope", "").split())),
        parameters=given,
    )
    return issue_code(
        world, SPECS[provider], asked, decision, device_id=given.get("device_id") or _device(provider)
    ).value


def mint_token(
    world: World,
    provider: Provider,
    *,
    persona: str,
    client_id: str | None,
    scopes: tuple[str, ...],
    device_id: str | None,
) -> str:
    """Make an access token of an hour."""
    world.cast.account(persona, provider)
    grant = Grant(
        family=secrets.token_hex(8),
        provider=provider,
        client_id=_app(world, provider, client_id).client_id,
        persona=persona,
        scopes=_scopes(provider, scopes),
        device_id=device_id or _device(provider),
    )
    return world.tokens.add_access(secrets.token_urlsafe(48), grant, _LIFETIME).value


def _app(world: World, provider: Provider, client_id: str | None) -> App:
    if client_id is None:
        return world.apps.demo(provider)
    app = world.apps.find(provider, client_id)
    if app is None:
        raise LookupError(f"no application {client_id!r} at {provider}")
    return app


def _scopes(provider: Provider, wanted: tuple[str, ...]) -> tuple[str, ...]:
    return wanted or SPECS[provider].all_scopes()


def _device(provider: Provider) -> str | None:
    return _DEVICE if provider == "vk" else None
