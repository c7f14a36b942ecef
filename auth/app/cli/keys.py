"""`keys`: the keys that sign access tokens."""

from collections.abc import Sequence

import click

from app.bootstrap import Services
from app.cli.running import MOMENT, run_with_services
from app.ports.conflicts import rerun_on_conflict
from app.sessions.keyring import rotate_key, withdraw_key
from app.sessions.keys import SigningKey


@click.group()
def keys() -> None:
    """Show, rotate and withdraw the keys that sign access tokens."""


@keys.command("list")
def list_keys() -> None:
    """Show the keys, oldest first; never their secret part."""

    @rerun_on_conflict
    async def act(services: Services) -> Sequence[SigningKey]:
        async with services.storage.reading() as tx:
            return await tx.keys.all()

    for key in run_with_services(act):
        retires = f", retires {key.retires_at:{MOMENT}}" if key.retires_at else ""
        click.echo(f"{key.key_id}  {key.use.value:8} {key.algorithm:6} from {key.activates_at:{MOMENT}}{retires}")


@keys.command()
def rotate() -> None:
    """Publish a new key and let it sign a little later; nobody is logged out.

    Verifiers that honour the cache time of the JWK set know the key before its first use. The old
    key goes on verifying for as long as the tokens that it signed live.
    """

    async def act(services: Services) -> SigningKey:
        settings = services.settings
        return await rotate_key(
            services.storage,
            services.sessions.clock,
            algorithm=settings.signature_algorithm,
            token_life=settings.access_ttl,
        )

    key = run_with_services(act)
    click.echo(f"{key.key_id} is published; it signs from {key.activates_at:{MOMENT}}.")


@keys.command()
@click.argument("key_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
def withdraw(key_id: str, *, yes: bool) -> None:
    """Take a compromised key out of use: access tokens signed by it are refused within a second.

    People stay signed in: their refresh tokens are of another key. Other services go on accepting
    its tokens until they fetch the JWK set again, at most five minutes.
    """
    if not yes:
        click.confirm(f"Refuse every access token signed by {key_id} from now on?", abort=True)

    async def act(services: Services) -> bool:
        algorithm = services.settings.signature_algorithm
        return await withdraw_key(services.storage, services.sessions.clock, key_id, algorithm=algorithm)

    if not run_with_services(act):
        raise click.ClickException(f"no access key {key_id}; `keys list` shows them")
    click.echo(f"{key_id} is withdrawn.")
