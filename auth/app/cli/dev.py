"""`dev`: the service with offline social networks, to try everything in a browser."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO

import click
from dotenv import dotenv_values

from app.cli.running import read_settings
from app.cli.serve import run
from app.settings import PROVIDERS, Settings, set_environment

EMULATOR_PORT = 9000
STOP_SECONDS = 5


@click.command()
@click.option(
    "--emulator-port",
    default=EMULATOR_PORT,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Port of the offline social networks.",
)
def dev(emulator_port: int) -> None:
    """Run the service together with offline Yandex, VK, Google and Mail.ru.

    Providers whose AUTH_<NAME>_CLIENT_ID is set are the real ones; the others are played by the
    emulator. Ctrl-C stops both.

    \b
    Example:
      AUTH_YANDEX_CLIENT_ID=… AUTH_YANDEX_CLIENT_SECRET=… python -m app dev
    """
    settings = read_settings()
    if settings.is_production:
        raise click.ClickException("AUTH_ENVIRONMENT is production; `serve` is the command for that")
    _check_port_is_free(settings)
    with _emulator(emulator_port, settings.api_url + "/oauth/authorize") as address:
        played = [social for social in PROVIDERS if not settings.provider(social).client_id]
        set_environment(_variables_for(emulator_port, played))
        _announce(settings, address, played)
        run(read_settings())


def _check_port_is_free(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            message = f"cannot listen on {where} ({error.strerror}); set AUTH_PORT to another port"
            raise click.ClickException(message) from None


@contextmanager
def _emulator(port: int, redirect_base: str) -> Iterator[str]:
    """Run the emulator as a child that ends with this process, however this process ends."""
    options = ["serve", "--port", str(port), "--redirect-base", redirect_base, "--exit-with-parent"]
    child = subprocess.Popen(  # noqa: S603 - our own package, no shell
        [sys.executable, "-m", "emulator", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C reaches this process, which then stops the child
    )
    try:
        ready = child.stdout.readline() if child.stdout else ""
        if not ready:
            raise click.ClickException("the emulator did not start; --emulator-port takes another port")
        yield f"http://127.0.0.1:{port}"
    finally:
        if child.stdin:
            child.stdin.close()
        child.wait(STOP_SECONDS)
        if child.stdout:
            child.stdout.close()


def _variables_for(port: int, played: Sequence[str]) -> dict[str, str]:
    """The settings that lead the given providers to the emulator, as the emulator itself tells them."""
    command = [sys.executable, "-m", "emulator", "env", "--port", str(port)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own package
    variables = {name: value or "" for name, value in dotenv_values(stream=StringIO(told)).items()}
    prefixes = tuple(f"AUTH_{social.upper()}_" for social in played)
    return {name: value for name, value in variables.items() if name.startswith(prefixes)}


def _announce(settings: Settings, emulator: str, played: Sequence[str]) -> None:
    real = [social for social in PROVIDERS if social not in played]
    click.echo(f"""
  Try it           {settings.origin}/
  Swagger UI       {settings.api_url}/
  Social networks  {emulator}/  (offline: {", ".join(played) or "none"}; real: {", ".join(real) or "none"})
  Data             {settings.data_dir.resolve()}

  Ctrl-C stops everything.
""")
