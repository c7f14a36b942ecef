"""`check`: would the service start, and with what?"""

import click

from app.bootstrap import Services
from app.cli.running import run_with_services
from app.settings import PROVIDERS
from app.social.catalogue import is_left_out


@click.command()
def check() -> None:
    """Read the settings, open the stores, and say what would be served.

    Starts no server. Makes the data folder, the tables and the keys if they are not there yet.
    """

    async def act(services: Services) -> None:
        settings = services.settings
        offered = [offer.provider.social for offer in services.social.catalogue]
        left_out = [social for social in PROVIDERS if is_left_out(settings, social)]
        missing = [social for social in PROVIDERS if social not in (*offered, *left_out)]
        click.echo(f"environment  {settings.environment}")
        click.echo(f"address      {settings.api_url}/")
        click.echo(f"data         {settings.data_dir.resolve()}")
        click.echo(f"mail         {settings.email.host or 'shown on the development page'}")
        click.echo(f"providers    {', '.join(offered) or 'none'}")
        if missing:
            click.echo(f"             not configured: {', '.join(missing)}")
        if left_out:
            click.echo(f"             left out by AUTH_SOCIAL_POLICY: {', '.join(left_out)}")
        for name, probe in services.probes.items():
            await probe()
            click.echo(f"{name:12} answers")

    run_with_services(act)
