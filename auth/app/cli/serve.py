"""`serve`: run the service."""

import gc
import os
import resource
import socket
from contextlib import suppress
from functools import partial

import click
import structlog
import uvicorn

from app.bootstrap import preload, upgrade_schema
from app.cli.running import read_settings
from app.cli.seats import Seat
from app.cli.server import Server, configure, listen
from app.cli.supervisor import Supervisor, read_heritage
from app.cli.waiting import StoreAway, wait_for_stores
from app.cli.worker import Job
from app.errors import AppError
from app.http.health import Life
from app.http.logs import configure_logs
from app.main import create_app
from app.ports.storage import SchemaUnknown
from app.settings import Settings

log = structlog.get_logger(__name__)


@click.command()
@click.option("--heritage", hidden=True, help="What a reload leaves to itself.")
def serve(heritage: str | None) -> None:
    """Run the service until SIGINT or SIGTERM; then finish what has begun and stop.

    A second signal ends it at once. AUTH_DRAIN_SECONDS says how long it goes on accepting requests
    after the first one, while /readyz already answers 503.

    With AUTH_WORKERS above one, that many processes serve on one address, and one that dies is
    replaced. SIGHUP then reads the settings and the code anew and replaces all of them, one after
    the other, without a failed request.

    \b
    Examples:
      AUTH_PORT=8080 python -m app serve
      AUTH_WORKERS=4 python -m app serve
    """
    settings = read_settings()
    if settings.workers == 1 and heritage is None:
        run(settings)
    else:
        raise SystemExit(_supervise(settings, heritage))


def run(settings: Settings) -> None:
    """Serve in this process until it is told to stop."""
    listeners = _listen(settings)
    config, life = _build(settings)
    prepare = partial(_prepare_database, settings)
    (seat,) = Seat.several(1)
    Server(config, life, drain_seconds=settings.drain_seconds, prepare=prepare, seat=seat).run(listeners)


def _supervise(settings: Settings, heritage: str | None) -> int:
    """Serve in several processes; give the exit code."""
    listeners, inherited = read_heritage(heritage) if heritage else (_listen(settings), [])
    preload(settings)
    config, life = _build(settings)
    job = Job(
        config=config,
        life=life,
        listeners=listeners,
        drain_seconds=settings.drain_seconds,
        prepare=partial(_prepare_database, settings),
        supervisor=os.getpid(),
    )
    return Supervisor(job, wanted=settings.workers, inherited=inherited).run()


def _listen(settings: Settings) -> list[socket.socket]:
    try:
        return listen(settings.host, settings.port)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        reason = f"cannot listen on {where} ({error.strerror}); see AUTH_HOST and AUTH_PORT"
        raise click.ClickException(reason) from None


def _build(settings: Settings) -> tuple[uvicorn.Config, Life]:
    """Everything that needs no open connection: several processes can share it."""
    configure_logs(level=settings.log_level, for_people=not settings.is_production)
    _raise_file_limit()
    life = Life()
    config = configure(create_app(settings, life=life))
    # What exists now lives as long as the process: the collector need not look at it again. With thousands of requests
    # under way nearly all that is new is alive, so it looks at little at a time: 10,000 objects take 4 ms.
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 5, 5000)
    return config, life


async def _prepare_database(settings: Settings) -> None:
    """Nothing can be served without it. Redis may come later still: until then what needs it answers 503."""

    def tell(name: str, reason: str) -> None:
        log.warning("start.waiting", store=name, reason=reason)

    try:
        await wait_for_stores(settings, tell, needed={"database"})
        await upgrade_schema(settings)
    except (AppError, SchemaUnknown, StoreAway) as error:
        raise click.ClickException(str(error)) from None


def _raise_file_limit() -> None:
    """Every waiting callback holds two sockets; take as many as this process may have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
