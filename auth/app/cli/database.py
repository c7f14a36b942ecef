"""`database`: where the schema stands, and how it gets to where this version needs it."""

import click

from app.bootstrap import describe_upgrade, read_schema, upgrade_schema
from app.cli.running import run_on_database
from app.ports.storage import SchemaState


@click.group()
def database() -> None:
    """Show and upgrade the schema. `serve` upgrades it by itself; this is for doing it beforehand."""


@database.command()
def status() -> None:
    """Show the server, the revision of its schema, and the migrations that are missing.

    Changes no schema. Ends with 1 when something is missing, so that scripts can ask.

    \b
    Example:
      python -m app database status || python -m app database upgrade
    """
    state = run_on_database(read_schema)
    click.echo(f"server    {state.server}")
    click.echo(f"revision  {state.revision or 'none: the database is empty'}")
    _show_pending(state)
    if state.pending:
        raise SystemExit(1)


@database.command()
@click.option("--dry-run", is_flag=True, help="Print the SQL instead of running it.")
def upgrade(*, dry_run: bool) -> None:
    """Apply the migrations that are missing: all of them, or none if one fails.

    Of several processes that try at once one does it, the others wait up to a minute. Make a backup first:
    there is no way down.

    \b
    Examples:
      python -m app database upgrade --dry-run
      python -m app database upgrade
    """
    if dry_run:
        click.echo(run_on_database(describe_upgrade) or "-- nothing to do")
        return
    state = run_on_database(read_schema)
    _show_pending(state)
    if state.pending:
        run_on_database(upgrade_schema)
        click.echo("done")


def _show_pending(state: SchemaState) -> None:
    for migration in state.pending:
        click.echo(f"missing   {migration.revision}  {migration.title}")
    if not state.pending:
        click.echo("missing   nothing")
