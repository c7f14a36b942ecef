"""`superuser create`: the first administrator. Also served as `flask superuser create`."""

import sys
from typing import Any

import click

from app.accounts.create_superuser import NewSuperuser, Outcome, create_superuser, describe_account
from app.accounts.email_address import EmailAddress, find_email
from app.accounts.password_policy import find_weakness
from app.bootstrap import Services
from app.cli.running import run_with_services

MESSAGES = {
    Outcome.CREATED: "Superuser {email} has been created and can sign in.",
    Outcome.GRANTED: "{email} is a superuser now. The account existed: its password has not been changed.",
    Outcome.UNCHANGED: "{email} is a superuser already. Nothing has been changed, the password neither.",
}


@click.group()
def superuser() -> None:
    """Administrators who hold every permission."""


@superuser.command()
@click.option("--email", envvar="AUTH_SUPERUSER_EMAIL", help="Address of the account. [env: AUTH_SUPERUSER_EMAIL]")
@click.option(
    "--password",
    envvar="AUTH_SUPERUSER_PASSWORD",
    help="Password of a new account; asked for if left out. Prefer the variable: arguments are seen by other "
    "processes. [env: AUTH_SUPERUSER_PASSWORD]",
)
@click.option("--grant-existing", is_flag=True, help="Grant the role to an existing account without asking.")
def create(email: str | None, password: str | None, *, grant_existing: bool) -> None:
    """Make a superuser. Asks for what is not given; an existing account keeps its password.

    \b
    Examples:
      flask superuser create
      AUTH_SUPERUSER_PASSWORD=… flask superuser create --email admin@cinema.example
    """
    known = _read_email(email or _ask("E-mail", "--email", value_proc=_check_email))

    async def act(services: Services) -> Outcome:
        account = await describe_account(services.accounts, known)
        if account.needs_password:
            chosen = password or _ask_password(known.display)
        else:
            chosen = None
            if not (account.is_superuser or grant_existing):
                _confirm(f"{known.display} has an account. Make it a superuser?")
        return await create_superuser(services.accounts, NewSuperuser(email=known, password=chosen))

    click.echo(MESSAGES[run_with_services(act)].format(email=known.display))


def _read_email(text: str) -> EmailAddress:
    address = find_email(text)
    if address is None:
        raise click.UsageError("not an e-mail address")
    return address


def _check_email(text: str) -> str:
    return _read_email(text).display


def _ask_password(email: str) -> str:
    def check(text: str) -> str:
        weakness = find_weakness(text, about=(email,))
        if weakness is not None:
            raise click.UsageError(f"The password is {weakness}.")
        return text

    return _ask(
        "Password", "AUTH_SUPERUSER_PASSWORD", value_proc=check, hide_input=True, confirmation_prompt="Once more"
    )


def _ask(question: str, instead: str, **options: Any) -> str:
    _need_terminal(instead)
    answer: str = click.prompt(question, **options)
    return answer


def _confirm(question: str) -> None:
    _need_terminal("--grant-existing")
    click.confirm(question, abort=True)


def _need_terminal(instead: str) -> None:
    """A script gets an answer instead of a question that nobody reads."""
    if not sys.stdin.isatty():
        raise click.UsageError(f"there is no terminal to ask on; give {instead}")
