"""What every command does first and last: read the settings, open the services, run, report."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

import click

from app.bootstrap import Services, open_services
from app.cli.waiting import StoreAway, wait_for_stores
from app.errors import AppError
from app.http.logs import configure_logs
from app.ports.storage import SchemaUnknown
from app.settings import Settings, SettingsInvalid

MOMENT = "%Y-%m-%d %H:%M:%S UTC"  # how commands write a time

T = TypeVar("T")


def read_settings() -> Settings:
    """The settings, or the end of the command with one line for each that cannot be used."""
    try:
        return Settings.read()
    except SettingsInvalid as error:
        message = "\n  ".join(["the settings cannot be used", *str(error).splitlines()])
        raise click.ClickException(message) from None


def run_with_services(action: Callable[[Services], Awaitable[T]]) -> T:
    """Open the services, do one thing with them, and close them again."""

    async def act(settings: Settings) -> T:
        async with open_services(settings) as services:
            return await action(services)

    return _run(act, needed={"database", "redis"})


def run_on_database(action: Callable[[Settings], Awaitable[T]]) -> T:
    """Do one thing that needs the database alone, whatever its schema."""
    return _run(action, needed={"database"})


def _run(action: Callable[[Settings], Awaitable[T]], *, needed: Collection[str]) -> T:
    settings = read_settings()
    configure_logs(level="warning", for_people=True, output=sys.stderr)  # what a command prints is its answer alone

    def tell(name: str, reason: str) -> None:
        click.echo(f"Waiting for {name}: {reason}", err=True)

    async def run() -> T:
        await wait_for_stores(settings, tell, needed=needed)
        return await action(settings)

    try:
        return asyncio.run(run())
    except AppError as error:
        raise click.ClickException(describe(error)) from None
    except (SchemaUnknown, StoreAway) as error:
        raise click.ClickException(str(error)) from None


def describe(error: AppError) -> str:
    """The error for a terminal: what is wrong with which value, else the title."""
    found = [f"{each['pointer'].strip('/')}: {each['detail']}" for each in error.extra.get("errors", [])]
    return "; ".join(found) or error.detail or error.title
