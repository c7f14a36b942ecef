"""The operating system has nothing left for the service."""

from pathlib import Path

import pytest

from app.tests.support.process import OPEN, no_more_files, started
from app.tests.support.viewer import PASSWORD


@pytest.mark.timeout(300)  # a service starts, beside whatever else runs
async def test_fs_29_without_files_newcomers_are_turned_away_and_those_inside_are_served(tmp_path: Path) -> None:
    """A connection is a file. Nobody waits for one, and as soon as there are some everybody is served again."""
    async with started(tmp_path, **OPEN) as process, process.viewer() as anna:
        await anna.post("/register", {"email": "anna@example.ru", "password": PASSWORD})
        await anna.login("anna@example.ru")

        with no_more_files(process.handle.pid):
            newcomer_refused = await process.refuses_connections()
            inside = [await anna.get("/me"), await anna.refresh(), await anna.login("anna@example.ru")]
        afterwards = (await process.status("/readyz"))[0], (await anna.get("/me")).status

    assert newcomer_refused
    assert [answer.status for answer in inside] == [200, 200, 200]
    assert afterwards == (200, 200)
