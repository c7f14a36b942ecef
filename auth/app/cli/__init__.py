"""The command line: each command opens the services, calls one use case and prints."""

import click

from app.cli.check import check
from app.cli.clients import clients
from app.cli.database import database
from app.cli.dev import dev
from app.cli.keys import keys
from app.cli.openapi import openapi
from app.cli.serve import serve
from app.cli.superuser import superuser
from app.cli.users import users

HELP = """
The Auth service of the online cinema.

Settings come from the environment and from the file .env in the working folder.

\b
Examples:
  python -m app dev                  try it: service, social networks and mail, all offline
  python -m app serve                run the service
  python -m app superuser create     make the first administrator
  python -m app users import FILE    bring accounts from another system
  python -m app database status      show which migrations are missing
  python -m app keys rotate          put a new signing key into use, nobody is logged out
  python -m app clients create NAME  let one of the cinema's services introspect tokens
"""


@click.group(help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cinema-auth")
def main() -> None:
    """Group of the commands; its help is the text above."""


for command in (dev, serve, superuser, users, keys, clients, database, openapi, check):
    main.add_command(command)
