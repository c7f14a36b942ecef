"""The front page: what this is and what can be done here."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict

from aiohttp import web

from emulator.apps import environment
from emulator.commands import COMMANDS
from emulator.consent import templates
from emulator.faults import KINDS
from emulator.names import PROVIDERS
from emulator.providers import ROUTES, SPECS
from emulator.reply import page
from emulator.world import World


def index(world: World) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler of `/`."""

    async def handle(request: web.Request) -> web.Response:
        html = (
            templates()
            .get_template("index.html")
            .render(
                specs=SPECS,
                providers=PROVIDERS,
                routes=sorted(ROUTES),
                people=world.cast.all(),
                apps=world.apps.all(),
                switches={name: asdict(getattr(world.switches, name)) for name in PROVIDERS},
                settings=environment(world.url),
                commands=list(COMMANDS),
                kinds=list(KINDS),
                url=world.url,
            )
        )
        shown = page(html)
        return web.Response(body=shown.body, headers={**dict(shown.headers), "Content-Type": shown.content_type})

    return handle
