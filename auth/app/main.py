"""The ASGI application."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import structlog
from litestar import Litestar, Request, Router
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp

from app.accounts import routes as accounts
from app.bootstrap import Services, front_ends, open_services
from app.development.routes import development_routes
from app.housekeeping import housekeeping
from app.http import docs, health, pages
from app.http.body import refuse_ambiguous_body
from app.http.client import Client, read_client
from app.http.health import Life
from app.http.middleware import Envelope
from app.http.pace import Pace
from app.http.paging import provide_page
from app.http.principal import provide_principal
from app.http.problems import answer_problem
from app.http.size_limits import SizeLimits
from app.ports.clock import Clock
from app.roles import routes as roles
from app.sessions import routes as sessions
from app.settings import BASE_PATH, Settings
from app.social import routes as social

MAX_BODY_BYTES = 64 * 1024

log = structlog.get_logger(__name__)


def create_app(settings: Settings, clock: Clock | None = None, life: Life | None = None) -> ASGIApp:
    """Make the application; its stores open when the server starts it and close when it stops.

    Args:
        clock: the time, for tests that move it.
        life: where the server says that it is about to stop.
    """

    inner = SizeLimits(_create_litestar(settings, clock, life or Life()))
    return Envelope(inner, hsts=settings.has_https, vary_on_origin=bool(settings.cors_origins))


def describe_api(settings: Settings) -> dict[str, Any]:
    """The OpenAPI document of the application."""
    return _create_litestar(settings, None, Life()).openapi_schema.to_schema()


def _create_litestar(settings: Settings, clock: Clock | None, life: Life) -> Litestar:
    running = _Running(life)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with open_services(settings, clock) as running.services, housekeeping(running.services):
            log.info("service.started", address=settings.api_url, listening=f"{settings.host}:{settings.port}")
            yield

    domains = [accounts.routes, sessions.routes, social.routes, roles.routes, pages.routes, docs.routes]
    api = Router(BASE_PATH, route_handlers=domains)
    shown = [] if settings.is_production else [development_routes(settings, lambda: running.services)]
    application = Litestar(
        route_handlers=[api, sessions.jwks_at_root, health.livez, health.readyz, *shown],
        state=State({"front_ends": front_ends(settings)}),
        lifespan=[lifespan],
        dependencies=_dependencies(settings, running),
        before_request=refuse_ambiguous_body,
        exception_handlers={Exception: answer_problem},
        openapi_config=docs.openapi_config(BASE_PATH, version("cinema-auth")),
        cors_config=_cors(settings),
        request_max_body_size=MAX_BODY_BYTES,
        logging_config=None,
    )
    _provide_in_turn(application)
    return application


def _provide_in_turn(application: Litestar) -> None:
    """Let what a route asks for be provided one after the other.

    All of it is at hand at once, and Litestar would make a task for each.
    """
    for route in application.routes:
        if isinstance(route, HTTPRoute):
            for _, parameters in route.route_handler_map.values():
                batches = parameters.dependency_batches
                parameters.dependency_batches = [{dependency} for batch in batches for dependency in batch]


@dataclass
class _Running:
    """Where requests find the services that the server's start has opened."""

    life: Life
    services: Services = field(init=False)


def _dependencies(settings: Settings, running: _Running) -> dict[str, Provide]:
    """What routes may ask for, by parameter name."""
    login_cookie = social.LoginCookie(secure=settings.has_https)

    pace = Pace(settings.answer_step)
    proxies = settings.trusted_networks

    def client(request: Request[Any, Any, Any]) -> Client:
        return read_client(request, proxies)

    providers: dict[str, Callable[..., Any]] = {
        "accounts": lambda: running.services.accounts,
        "roles": lambda: running.services.roles,
        "sessions": lambda: running.services.sessions,
        "social_services": lambda: running.services.social,
        "authenticate": lambda: running.services.authenticate,
        "limits": lambda: running.services.limits,
        "pace": lambda: pace,
        "probes": lambda: running.services.probes,
        "life": lambda: running.life,
        "login_cookie": lambda: login_cookie,
        "client": client,
        "page": provide_page,
    }
    found = {name: Provide(provider, sync_to_thread=False) for name, provider in providers.items()}
    return found | {"principal": Provide(provide_principal)}


def _cors(settings: Settings) -> CORSConfig | None:
    """Nothing is allowed across origins unless it is listed; cookies never are."""
    if not settings.cors_origins:
        return None
    return CORSConfig(
        allow_origins=list(settings.cors_origins),
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "X-Request-Id"],
        expose_headers=["X-Request-Id", "Retry-After"],
        max_age=600,
    )
