"""The control API: `POST /control/<action>` takes the arguments of that action as JSON."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from aiohttp import web

from emulator.actions import Actions
from emulator.apps import environment
from emulator.commands import COMMANDS, Command, Document
from emulator.names import endpoint_named, provider_named
from emulator.personas import Persona
from emulator.switches import Switches

Handler = Callable[[web.Request], Awaitable[web.Response]]


def control_routes(actions: Actions) -> list[web.RouteDef]:
    """All routes below `/control/`."""
    views: Mapping[str, Callable[[web.Request], object]] = {
        "requests": lambda request: _requests(actions, request),
        "personas": lambda request: [persona_json(person) for person in actions.world.cast.all()],
        "apps": lambda request: [asdict(app) for app in actions.world.apps.all()],
        "switches": lambda request: switches_json(actions.world.switches),
        "faults": lambda request: _faults(actions),
        "environment": lambda request: environment(actions.world.url),
    }
    return [
        *(web.get(f"/control/{name}", _view(view)) for name, view in views.items()),
        *(web.post(f"/control/{name}", _command(actions, command)) for name, command in COMMANDS.items()),
    ]


def _view(view: Callable[[web.Request], object]) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        try:
            return _json(view(request))
        except ValueError as error:
            return _json({"error": str(error)}, HTTPStatus.BAD_REQUEST)

    return handle


def _command(actions: Actions, command: Command) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        try:
            result = command(actions, await _document(request))
        except (ValueError, LookupError) as error:
            return _json({"error": str(error)}, HTTPStatus.BAD_REQUEST)
        return _json({} if result is None else result)

    return handle


async def _document(request: web.Request) -> Document:
    """Read the arguments. The media type is demanded, because no foreign page can send it unasked."""
    if request.content_type != "application/json":
        raise ValueError("send application/json")
    document = json.loads(await request.read() or b"{}")
    if not isinstance(document, dict):
        raise ValueError("send a JSON object")
    return Document(document)


def _json(value: object, status: int = HTTPStatus.OK) -> web.Response:
    text = json.dumps(value, ensure_ascii=False, default=_plain)
    return web.Response(
        status=status, text=text, content_type="application/json", headers={"Cache-Control": "no-store"}
    )


def _plain(value: object) -> object:
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return repr(value)


def _requests(actions: Actions, request: web.Request) -> object:
    provider = request.query.get("provider")
    endpoint = request.query.get("endpoint")
    found = actions.requests(
        provider_named(provider) if provider else None, endpoint_named(endpoint) if endpoint else None
    )
    return [entry.as_json() for entry in found]


def _faults(actions: Actions) -> object:
    return [
        {"provider": provider, "endpoint": endpoint, "faults": [repr(effect) for effect in effects]}
        for (provider, endpoint), script in actions.world.faults.items()
        for effects in script.planned()
    ]


def persona_json(person: Persona) -> dict[str, Any]:
    """A persona as JSON."""
    return {
        "name": person.name,
        "title": person.title,
        "accounts": {provider: asdict(account) for provider, account in person.accounts.items()},
    }


def switches_json(switches: Switches) -> dict[str, Any]:
    """All switches as they stand."""
    return {
        "yandex": asdict(switches.yandex),
        "vk": asdict(switches.vk),
        "google": asdict(switches.google),
        "mail": asdict(switches.mail),
    }
