"""`openapi`: the OpenAPI document, for clients to be generated from."""

import click
import msgspec

from app.main import describe_api
from app.settings import Settings


@click.command()
def openapi() -> None:
    """Print the OpenAPI document. Needs no settings and no database.

    \b
    Example:
      python -m app openapi > openapi.json
    """
    document = msgspec.json.format(msgspec.json.encode(describe_api(Settings())), indent=2)
    click.echo(document.decode())
