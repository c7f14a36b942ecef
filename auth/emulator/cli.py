"""The command line: `python -m emulator`."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

import click

from emulator.apps import environment

_EXAMPLES = """
Sign in with Yandex, VK, Google and Mail.ru without accounts and without internet.

\b
Examples:
  python -m emulator serve --port 9000 \\
      --redirect-base http://localhost:8000/auth/api/v1/oauth/authorize
  python -m emulator env --port 9000 >> .env
"""


@click.group(help=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Group of the commands below; its help is the text above."""


_host = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
_port = click.option(
    "--port", default=9000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
_public_url = click.option(
    "--public-url", help="Address under which browser and service see the emulator, when it is another one."
)


@main.command()
@_host
@_port
@_public_url
@click.option(
    "--redirect-base",
    "redirect_bases",
    multiple=True,
    metavar="URL",
    help="Callback address of the service, repeatable. Registers URL?social=NAME and URL/NAME for each provider.",
)
@click.option("--strict-vk-ports", is_flag=True, help="Refuse localhost on ports other than 80 and 443, as VK does.")
@click.option("--exit-with-parent", is_flag=True, help="Stop when standard input ends, so that no orphan stays.")
def serve(
    *,
    host: str,
    port: int,
    public_url: str | None,
    redirect_bases: tuple[str, ...],
    strict_vk_ports: bool,
    exit_with_parent: bool,
) -> None:
    """Run the emulator until SIGINT or SIGTERM."""
    # Imported here: help and `env` need no web server.
    from emulator.server import Emulator  # noqa: PLC0415

    emulator = Emulator(redirect_base=redirect_bases, host=host, port=port, public_url=public_url)
    if strict_vk_ports:
        emulator.preset("vk", strict_localhost_port=True)

    async def run() -> None:
        stop = asyncio.Event()
        _stop_on_signals(stop)
        try:
            await emulator.start()
        except OSError as error:
            raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from error
        click.echo(f"Emulator of Yandex ID, VK ID, Google and Mail.ru is ready at {emulator.url}")
        if exit_with_parent:
            _watch_stdin(asyncio.get_running_loop().call_soon_threadsafe, stop)
        await stop.wait()
        await emulator.stop()

    asyncio.run(run())


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)


def _watch_stdin(call_soon: Callable[[Callable[[], None]], object], stop: asyncio.Event) -> None:
    """Set `stop` at the end of standard input; a thread, because not every stdin can be polled."""

    def wait_for_end() -> None:
        with suppress(OSError):  # a closed stdin has ended, too
            while os.read(0, 4096):
                pass
        call_soon(stop.set)

    threading.Thread(target=wait_for_end, daemon=True).start()


@main.command()
@_host
@_port
@_public_url
def env(*, host: str, port: int, public_url: str | None) -> None:
    """Print the Auth service's settings for this emulator as .env lines."""
    for name, value in environment(public_url or f"http://{host}:{port}").items():
        click.echo(f"{name}={value}")
