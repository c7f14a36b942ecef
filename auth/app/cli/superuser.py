"""`superuser create`: the first administrator. Also served as `flask superuser create`."""

import click

from app.accounts.create_superuser import NewSuperuser, Outcome, create_superuser, describe_account
from app.accounts.email_address import find_email
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
    address = email or click.prompt("E-mail", value_proc=_check_email)
    known = find_email(_check_email(address))
    if known is None:
        raise click.UsageError("not an e-mail address")

    async def act(services: Services) -> Outcome:
        account = await describe_account(services.accounts, known)
        if account.needs_password:
            chosen = password or _ask_password(known.display)
        else:
            chosen = None
            if not (account.is_superuser or grant_existing):
                click.confirm(f"{known.display} has an account. Make it a superuser?", abort=True)
        return await create_superuser(services.accounts, NewSuperuser(email=known, password=chosen))

    click.echo(MESSAGES[run_with_services(act)].format(email=known.display))


def _check_email(text: str) -> str:
    if find_email(text) is None:
        raise click.UsageError("not an e-mail address")
    return text


def _ask_password(email: str) -> str:
    def check(text: str) -> str:
        weakness = find_weakness(text, about=(email,))
        if weakness is not None:
            raise click.UsageError(f"The password is {weakness}.")
        return text

    chosen: str = click.prompt("Password", hide_input=True, confirmation_prompt="Once more", value_proc=check)
    return chosen
