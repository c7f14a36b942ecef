"""Mail on its whole way, where nobody but a catcher gets it."""

import asyncio
from typing import Any

import pytest

from app.tests.live.people import CAUGHT_DOMAIN, People
from app.tests.live.target import PACE_SECONDS, Target
from app.tests.support.viewer import PASSWORD, Viewer

DELIVERY_SECONDS = 20


@pytest.mark.caught
async def test_the_link_of_the_mail_confirms_the_address(target: Target, people: People, visitor: Viewer) -> None:
    email = people.new_address(CAUGHT_DOMAIN)
    await visitor.post("/register", {"email": email, "password": PASSWORD})

    mail = await asyncio.wait_for(caught_mail(target, visitor, email), DELIVERY_SECONDS)
    token = mail["Text"].split("#token=")[1].split()[0]
    confirmed = await visitor.post("/email/confirm", {"token": token})

    assert confirmed.status == 204
    assert target.settings.api_url in mail["Text"]
    assert (await visitor.login(email)).status == 200
    await visitor.call("DELETE", f"{target.catcher}/api/v1/messages", json={"IDs": [mail["ID"]]})


async def caught_mail(target: Target, visitor: Viewer, email: str) -> dict[str, Any]:
    """The mail to an address, as soon as the catcher has it."""
    while True:
        found = await visitor.get(f"{target.catcher}/api/v1/search", params={"query": f'to:"{email}"'})
        for each in found.json["messages"]:
            return dict((await visitor.get(f"{target.catcher}/api/v1/message/{each['ID']}")).json)
        await asyncio.sleep(PACE_SECONDS)
