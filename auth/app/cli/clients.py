"""`clients`: the cinema's services that may ask what a token is worth."""

from collections.abc import Sequence
from uuid import UUID

import click

from app.bootstrap import Services
from app.cli.running import MOMENT, run_with_services
from app.sessions.model import ServiceClient
from app.sessions.service_clients import NewClient, create_client, list_clients, revoke_client


@click.group()
def clients() -> None:
    """Show, make and revoke the services that may introspect tokens."""


@clients.command()
@click.argument("name")
def create(name: str) -> None:
    """Let a service ask; its id and secret are shown this once.

    To change a secret make a second client of the same name, give it to the service, and revoke the first.

    \b
    Example:
      python -m app clients create billing
    """

    async def act(services: Services) -> NewClient:
        return await create_client(services.storage, name, at=services.sessions.clock.now())

    made = run_with_services(act)
    click.echo(f"id      {made.client.id}")
    click.echo(f"secret  {made.secret}")
    click.echo("The secret is not kept here and cannot be shown again.", err=True)


@clients.command("list")
def list_command() -> None:
    """Show the services that may ask, oldest first; never their secrets."""

    async def act(services: Services) -> Sequence[ServiceClient]:
        return await list_clients(services.storage)

    for client in run_with_services(act):
        click.echo(f"{client.id}  {client.created_at:{MOMENT}}  {client.name}")


@clients.command()
@click.argument("client_id", metavar="ID", type=click.UUID)
def revoke(client_id: UUID) -> None:
    """Take a service's right to ask, within a second."""

    async def act(services: Services) -> bool:
        return await revoke_client(services.storage, client_id)

    if not run_with_services(act):
        raise click.ClickException(f"no client {client_id}; `clients list` shows them")
    click.echo(f"{client_id} is revoked.")
