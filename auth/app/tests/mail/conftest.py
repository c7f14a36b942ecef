"""A mail server, and an outbox whose mail is for it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.bootstrap import open_services
from app.storage.sql.storage import SqlStorage
from app.tests.support.clock import ManualClock
from app.tests.support.mail_server import MailServer
from app.tests.support.service import settings_for_test


@pytest.fixture
def mail_server() -> MailServer:
    return MailServer()


@pytest.fixture
def up(mail_server: MailServer) -> Iterator[MailServer]:
    with mail_server.running():
        yield mail_server


@pytest.fixture
async def storage(tmp_path: Path, clock: ManualClock) -> AsyncIterator[SqlStorage]:
    async with open_services(settings_for_test(tmp_path), clock) as services:
        yield services.storage
