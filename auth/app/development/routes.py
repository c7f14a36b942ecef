"""The development page: a front end in miniature, and the mail that would have been sent.

Shows every mailed link to whoever can reach the port, so `main` mounts it in development only.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, Router, get
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.static_files import create_static_files_router

from app.bootstrap import Services
from app.development.surroundings import find_emulator, is_own_host
from app.errors import NotFound
from app.http.pages import html_page
from app.mail.compose import render
from app.mail.model import OutgoingMail
from app.ports.conflicts import rerun_on_conflict
from app.settings import Settings

ASSETS = Path(__file__).parent / "assets"
SHOWN_MAILS = 50
PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
# A mail may bring its own looks and open links in a new window. It runs nothing and loads nothing.
MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)

FromServices = NamedDependency[Services]


class Surroundings(msgspec.Struct, kw_only=True):
    """Where the page is, and what is near it."""

    origin: str
    emulator: str | None
    reuse_window_seconds: float


class ShownMail(msgspec.Struct, kw_only=True):
    """A mail of the outbox as its reader sees it; the HTML is at `/dev/mail/{id}`."""

    id: UUID
    created_at: datetime
    to: str
    subject: str
    text: str


@get(["/", "/dev"])
async def show_page() -> Response[bytes | str]:
    """The page itself."""
    return html_page((ASSETS / "page.html").read_bytes(), csp=PAGE_CSP)


@get("/dev/surroundings")
async def show_surroundings(services: FromServices) -> Surroundings:
    """What the page's script needs to know."""
    settings = services.settings
    return Surroundings(
        origin=settings.origin,
        emulator=find_emulator(settings),
        reuse_window_seconds=settings.refresh_reuse_window.total_seconds(),
    )


@get("/dev/mail")
async def list_mails(services: FromServices) -> list[ShownMail]:
    """The latest mails, newest first."""
    return [_show(mail) for mail in await _newest(services)]


@get("/dev/mail/{mail_id:uuid}")
async def show_mail(mail_id: FromPath[UUID], services: FromServices) -> Response[bytes | str]:
    """One mail as a mail program would draw it."""
    for mail in await _newest(services):
        if mail.id == mail_id:
            # In the frame that shows it, a link has nowhere to go but a window of its own.
            return html_page('<!doctype html><base target="_blank">' + render(mail).html, csp=MAIL_CSP)
    raise NotFound


@rerun_on_conflict
async def _newest(services: Services) -> list[OutgoingMail]:
    async with services.storage.reading() as tx:
        return list(await tx.outbox.newest(SHOWN_MAILS))


def _show(mail: OutgoingMail) -> ShownMail:
    message = render(mail)
    return ShownMail(id=mail.id, created_at=mail.created_at, to=message.to, subject=message.subject, text=message.text)


def development_routes(settings: Settings, services: Callable[[], Services]) -> Router:
    """Everything of the development page, for the host's root.

    Args:
        services: gives the open services, when a request asks.
    """

    def refuse_foreign_host(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        if not is_own_host(connection.headers.get("host", ""), settings.origin):
            raise NotFound

    assets = create_static_files_router("/dev/assets", directories=[ASSETS])
    return Router(
        "/",
        route_handlers=[show_page, show_surroundings, list_mails, show_mail, assets],
        dependencies={"services": Provide(services, sync_to_thread=False)},
        guards=[refuse_foreign_host],
        include_in_schema=False,
    )
