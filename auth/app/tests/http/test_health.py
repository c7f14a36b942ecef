"""HT-15: what orchestrators and balancers ask, and how soon they are answered."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from app.http.health import find_failing
from app.settings import Secret
from app.tests.support.clock import ManualClock
from app.tests.support.postgresql import PostgreSql
from app.tests.support.service import Service, serving
from app.tests.support.viewer import Viewer

BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_a_checker_may_ask_for_the_head_alone(path: str, service: Service, viewer: Viewer) -> None:
    answer = await viewer.call("HEAD", service.url + path)

    assert (answer.status, answer.text) == (200, "")


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_a_checker_that_is_content_does_not_fill_the_log(path: str, service: Service, viewer: Viewer) -> None:
    with capture_logs() as entries:
        await viewer.get(service.url + path)
        await viewer.call("DELETE", service.url + path)

    requests = [each for each in entries if each["event"] == "request.finished"]  # housekeeping has lines of its own
    assert [(each["log_level"], each["status"]) for each in requests] == [("debug", 200), ("info", 405)]


async def test_a_lost_database_is_named_by_its_class_alone(
    tmp_path: Path, clock: ManualClock, postgresql: PostgreSql
) -> None:
    address = postgresql.fresh_database()
    async with serving(tmp_path, clock, database_url=Secret(address)) as service, service.viewer() as viewer:
        postgresql.drop(address)

        ready, alive = await viewer.get(f"{service.url}/readyz"), await viewer.get(f"{service.url}/livez")

    assert (ready.status, ready.json) == (503, {"status": "degraded", "failing": ["database"]})
    assert alive.status == 200


async def test_a_database_that_hangs_is_named_before_the_checker_loses_patience(
    tmp_path: Path, clock: ManualClock, postgresql: PostgreSql
) -> None:
    """FS-07: no checker waits for as long as a statement may take, or a connection to be given up."""
    database = Secret(postgresql.fresh_database())
    patience = aiohttp.ClientTimeout(total=3)
    async with serving(tmp_path, clock, database_url=database) as service, service.viewer() as viewer:
        async with service.services.storage.transaction() as tx:
            backends = [int(pid) for (pid,) in await tx._connection.execute(text(BACKENDS))]

        with frozen(backends):
            hanging = await viewer.get(f"{service.url}/readyz", timeout=patience)
        again = await viewer.get(f"{service.url}/readyz")

    assert (hanging.status, hanging.json["failing"]) == (503, ["database"])
    assert again.status == 200


@contextmanager
def frozen(processes: list[int]) -> Iterator[None]:
    """Stop processes where they are until the block is left."""
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in processes:
            os.kill(pid, signal.SIGCONT)


async def test_all_dependencies_are_asked_at_once() -> None:
    meeting = asyncio.Barrier(2)

    async def probe() -> None:
        await meeting.wait()  # goes on only when the other one is asked too

    assert await find_failing({"first": probe, "second": probe}) == []


async def test_each_failing_dependency_is_named() -> None:
    async def works() -> None:
        pass

    async def refuses() -> None:
        raise ConnectionRefusedError

    async def hangs() -> None:
        await asyncio.Event().wait()

    probes = {"first": refuses, "second": works, "third": hangs}

    assert await find_failing(probes) == ["first", "third"]
