"""What has expired goes, what counts stays."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.housekeeping import clean_up
from app.settings import Settings
from app.storage.sql.retention import MAILS_KEPT, SESSIONS_KEPT
from app.tests.support.clock import ManualClock
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Viewer

TABLES = ("users", "sessions", "login_history", "outbox", "token_states", "token_roles", "mail_tokens")
RETENTION = Settings().history_retention


@pytest.fixture
async def service(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Service]:
    """The service as it was long ago: PostgreSQL asks its own clock too before it forgets."""
    clock.advance(-2 * RETENTION)
    async with serving(tmp_path / "data", clock) as running:
        yield running


async def count_rows(service: Service) -> dict[str, int]:
    return {table: await service.count(table) for table in TABLES}


async def test_only_what_can_have_no_effect_any_more_is_removed(service: Service, anna: Viewer) -> None:
    await anna.post("/register", {"email": "late@example.ru", "password": PASSWORD})
    kept = await clean_up(service.services)
    before = await count_rows(service)

    service.clock.advance(timedelta(days=30))
    gone = await clean_up(service.services)

    after = await count_rows(service)
    assert after == before | {"token_states": 0, "token_roles": 0, "mail_tokens": 0}
    assert (kept, gone) == (0, sum(before.values()) - sum(after.values()))


async def test_in_the_end_only_the_accounts_are_left(service: Service, anna: Viewer) -> None:
    async with service.services.storage.transaction() as tx:
        for mail in await tx.outbox.newest(10):
            await tx.outbox.sent(mail.id, at=service.clock.now())

    service.clock.advance(max(RETENTION, SESSIONS_KEPT + timedelta(days=30), MAILS_KEPT))
    await clean_up(service.services)

    assert await count_rows(service) == dict.fromkeys(TABLES, 0) | {"users": 1}


@pytest.mark.parametrize("logs_out", [True, False])
async def test_no_token_of_a_forgotten_session_counts(logs_out: bool, service: Service, anna: Viewer) -> None:
    """Rule 2.2: neither what was revoked nor what expired comes back when its row is gone."""
    if logs_out:
        await anna.post("/logout")
    service.clock.advance(2 * RETENTION)
    await clean_up(service.services)

    answers = [await anna.get("/me"), await anna.refresh()]

    assert [answer.status for answer in answers] == [401, 401]
