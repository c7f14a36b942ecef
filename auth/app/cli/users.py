"""`users import` and `users export`: accounts from another system, or to one."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, TextIO

import click

from app.bootstrap import Services
from app.cli.private_file import new_private_file
from app.cli.progress import watch
from app.cli.running import run_with_services
from app.social.export_accounts import export_accounts
from app.social.import_accounts import MAX_LINE_BYTES, Refusal, Report, Tally, import_accounts
from app.social.import_decision import ImportOptions

STANDARD = "-"


@click.group()
def users() -> None:
    """Bring accounts from another system, or take them to one: JSON Lines, one account a line."""


@users.command("import")
@click.argument("source", metavar="FILE", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Check every line, also against the database, and write nothing.")
@click.option("--allow-superusers", is_flag=True, help="Import roles that hold every permission, too.")
@click.option(
    "--errors",
    type=click.File("w", encoding="utf-8", lazy=False),
    help="Where to write which lines were refused, and why. [default: standard error]",
)
def import_command(source: BinaryIO, errors: TextIO | None, *, dry_run: bool, allow_superusers: bool) -> None:
    """Import accounts from FILE (- for standard input).

    Nothing that is here is overwritten: an account that is here already stays as it is, one that clashes with somebody
    else's is refused. A stop in the middle is made good by running it again. Ends with 1 when a line was refused.

    \b
    A line, of which all members but one address or identity can be left out:
      {"id": "8f1c…", "email": "anna@example.ru", "email_confirmed": true, "name": "Анна", "locale": "ru",
       "password_hash": "$2b$12$…", "created_at": "2020-02-29T12:00:00Z", "blocked": false, "roles": ["editor"],
       "identities": [{"social": "vk", "subject": "123"}]}

    \b
    Examples:
      python -m app users import --dry-run accounts.jsonl
      python -m app users import accounts.jsonl --errors refused.txt
      old-system-export | python -m app users import -
    """
    options = ImportOptions(dry_run=dry_run, allow_superusers=allow_superusers)

    async def act(services: Services) -> Tally:
        with watch(source) as progress:

            def tell(report: Report) -> None:
                for refusal in report.refusals:
                    click.echo(_describe(refusal), file=errors, err=errors is None)
                progress(report.tally.lines)

            return await import_accounts(services.social, read_lines(source), options, tell)

    tally = run_with_services(act)
    would = "would be " if dry_run else ""
    click.echo(f"{tally.imported} {would}imported, {tally.already_there} already there, {tally.refused} refused")
    if tally.refused:
        raise SystemExit(1)


@users.command("export")
@click.argument(
    "target",
    metavar="[FILE]",
    default=STANDARD,
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
)
@click.option(
    "--with-passwords/--without-passwords",
    default=False,
    help="Whether the hashes of passwords go along. [default: without]",
)
def export_command(target: Path, *, with_passwords: bool) -> None:
    """Write every account to FILE (standard output, if left out), in the form in which `import` takes it.

    The file is made with mode 0600, and takes the place of another one only when it is complete. With the hashes it is
    worth as much as all accounts together. Sessions, login history and mails do not go along.

    \b
    Examples:
      python -m app users export accounts.jsonl --with-passwords
      python -m app users export | gzip > accounts.jsonl.gz
    """
    is_standard = str(target) == STANDARD
    if is_standard and with_passwords and sys.stdout.isatty():
        raise click.UsageError("hashes are not shown on a terminal; name a file")

    async def act(services: Services) -> int:
        with ExitStack() as stack:
            file = sys.stdout.buffer if is_standard else stack.enter_context(new_private_file(target))
            return await export_accounts(services.social, file.write, with_passwords=with_passwords)

    count = run_with_services(act)
    click.echo(f"{count} accounts exported", err=True)


def read_lines(source: BinaryIO) -> Iterator[bytes]:
    """Line by line; of one that is too long only as much as shows it, so that memory stays bounded."""
    while line := source.readline(MAX_LINE_BYTES + 2):
        if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = source.readline(MAX_LINE_BYTES)
        yield line


def _describe(refusal: Refusal) -> str:
    return f"line {refusal.line}: {f'{refusal.field}: ' if refusal.field else ''}{refusal.reason}"
