"""The HTTP side: every request below a provider's prefix passes through one gate."""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from importlib.resources import files

from aiohttp import web
from multidict import CIMultiDictProxy, MultiDict, MultiDictProxy

from emulator.actions import Actions
from emulator.call import Call
from emulator.control import control_routes
from emulator.index import index
from emulator.inject import deliver
from emulator.names import PROVIDERS, Provider
from emulator.providers import PATHS, ROUTES
from emulator.received import Received
from emulator.reply import Reply, json_reply
from emulator.wire import parse_pairs, split_query
from emulator.world import World

_FORM = "application/x-www-form-urlencoded"
_ASSETS = {"emulator.css": "text/css", "icon.svg": "image/svg+xml"}
_LARGEST_BODY = 4 * 1024 * 1024

Gate = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(actions: Actions) -> web.Application:
    """The emulator as an aiohttp application."""
    world = actions.world
    app = web.Application(client_max_size=_LARGEST_BODY)
    for name, content_type in _ASSETS.items():
        app.router.add_get(f"/assets/{name}", partial(_asset, name, content_type))
    app.router.add_get("/", index(world))
    app.add_routes(control_routes(actions))
    app.router.add_route("*", "/vk-legacy/{rest:.*}", gate(world, "vk"))
    for provider in PROVIDERS:
        app.router.add_route("*", f"/{provider}/{{rest:.*}}", gate(world, provider))
    return app


def gate(world: World, provider: Provider) -> Gate:
    """Record each request of a provider, choose its faults, have its endpoint answer."""

    async def handle(request: web.Request) -> web.StreamResponse:
        received = await _receive(world, provider, request)
        world.log.add(received)
        effects = world.effects(provider, received.endpoint)
        call = Call(world=world, received=received, effects=effects)
        return await deliver(request, world, effects, partial(_answer, call))

    return handle


def _answer(call: Call) -> Reply:
    route = ROUTES.get((call.received.method, call.received.path))
    if route is not None:
        return route.handler(call)
    known = call.received.path in PATHS
    return json_reply({"error": "not_found"}, status=HTTPStatus.METHOD_NOT_ALLOWED if known else HTTPStatus.NOT_FOUND)


async def _receive(world: World, provider: Provider, request: web.Request) -> Received:
    path, query_string = split_query(request.raw_path)
    route = ROUTES.get((request.method, path))
    body = await request.read()
    form = parse_pairs(body.decode("utf-8", "surrogateescape")) if request.content_type == _FORM else ()
    return Received(
        provider=provider,
        endpoint=route.endpoint if route else "unknown",
        method=request.method,
        path=path,
        query_string=query_string,
        query=MultiDictProxy(MultiDict(parse_pairs(query_string))),
        headers=CIMultiDictProxy(request.headers.copy()),
        form=MultiDictProxy(MultiDict(form)),
        body=body,
        at=world.clock.now(),
    )


async def _asset(name: str, content_type: str, request: web.Request) -> web.Response:
    body = files("emulator").joinpath("assets", name).read_bytes()
    return web.Response(body=body, content_type=content_type, charset="utf-8")
