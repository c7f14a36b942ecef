"""What has expired goes, what counts stays."""

from datetime import timedelta

from app.housekeeping import clean_up
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Viewer


async def test_only_what_can_have_no_effect_any_more_is_removed(service: Service, anna: Viewer) -> None:
    await anna.post("/register", {"email": "late@example.ru", "password": PASSWORD})
    kept = await clean_up(service.services)
    before = [await service.count(table) for table in ("users", "sessions", "login_history")]

    service.clock.advance(timedelta(days=30))
    gone = await clean_up(service.services)

    assert (kept, gone) == (0, 3)  # the state of Anna's session, her roles beside it, and the unused confirmation
    assert [await service.count(table) for table in ("users", "sessions", "login_history")] == before
