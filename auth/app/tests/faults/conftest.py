"""Installations for tests that break them."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from app.tests.faults.installation import CALLBACK, Installation
from app.tests.support.mail_server import MailServer
from app.tests.support.postgresql import PostgreSql
from app.tests.support.redis import RedisServer
from emulator import Emulator, Persona
from emulator.names import PROVIDERS, Provider


@pytest.fixture
async def installation(tmp_path: Path, postgresql: PostgreSql) -> AsyncIterator[Installation]:
    """A database, a Redis, a mail server and the social networks, for one test alone."""
    mail = MailServer()
    with ExitStack() as stack:
        stack.enter_context(mail.running())
        redis = stack.enter_context(RedisServer.running(tmp_path / "redis"))
        async with Emulator(redirect_base=CALLBACK) as emulator:
            for social in PROVIDERS:
                let_in(emulator, social)
            database = postgresql.database_for(tmp_path)
            yield Installation(folder=tmp_path, database=database, redis=redis, mail=mail, emulator=emulator)


def let_in(emulator: Emulator, social: Provider) -> None:
    """Whoever comes to a provider signs in there, as somebody who has an account at no other one."""
    account = replace(emulator.persona("anna").accounts[social], email=f"anna@{social}.example")
    emulator.add_persona(Persona(name=f"anna-{social}", title=social, accounts={social: account}))
    emulator.decide(social, persona=f"anna-{social}")
