"""`serve`: run the service."""

import asyncio
import gc
import resource
from contextlib import suppress

import click
import structlog
import uvicorn

from app.cli.running import read_settings
from app.cli.waiting import StoreAway, wait_for_stores
from app.http.logs import configure_logs
from app.main import create_app
from app.settings import Settings

GRACE_SECONDS = 15  # longer than the longest wait for a provider, so that a stop finishes what it has
MAX_WAITING_CONNECTIONS = 2048

log = structlog.get_logger(__name__)


@click.command()
def serve() -> None:
    """Run the service until SIGINT or SIGTERM; then finish what has begun and stop.

    \b
    Example:
      AUTH_PORT=8080 python -m app serve
    """
    run(read_settings())


def run(settings: Settings) -> None:
    """Serve in this process until it is told to stop."""
    configure_logs(level=settings.log_level, for_people=not settings.is_production)
    _raise_file_limit()
    _wait_for_database(settings)
    app = create_app(settings)
    # What exists now lives as long as the process: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,  # one line of our own for each request, without the query
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # http/client.py knows whom to believe
        backlog=MAX_WAITING_CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ws="none",
    )


def _wait_for_database(settings: Settings) -> None:
    """Nothing can be served without it. Redis may come later still: until then what needs it answers 503."""

    def tell(name: str, reason: str) -> None:
        log.warning("start.waiting", store=name, reason=reason)

    try:
        asyncio.run(wait_for_stores(settings, tell, needed={"database"}))
    except StoreAway as error:
        raise click.ClickException(str(error)) from None


def _raise_file_limit() -> None:
    """Every waiting callback holds two sockets; take as many as this process may have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
