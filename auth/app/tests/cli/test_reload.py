"""SIGHUP: every worker is replaced, with new settings, and nobody notices."""

import asyncio
import signal
from pathlib import Path

import pytest

from app.tests.support.process import OPEN, Process, started, until
from app.tests.support.tokens import claims_of
from app.tests.support.traffic import Traffic, raw_connection
from app.tests.support.viewer import PASSWORD

pytestmark = pytest.mark.timeout(300)  # a service starts several times, beside whatever else runs


async def test_a_reload_brings_new_settings_and_not_one_request_fails(tmp_path: Path, stores: dict[str, str]) -> None:
    """The published limit for failed requests during a rolling restart: none."""
    audience = tmp_path / "audience"
    audience.write_text("cinema")
    variables = {**OPEN, **stores, "AUTH_WORKERS": "2", "AUTH_AUDIENCE_FILE": str(audience)}
    async with started(tmp_path, **variables) as process, process.viewer() as viewer:
        await process.logged("service.started", times=2)
        await viewer.post("/register", {"email": "anna@example.ru", "password": PASSWORD})
        traffic = Traffic(process.url)
        async with traffic.flowing():
            audience.write_text("new-cinema")
            process.tell(signal.SIGHUP)
            await process.logged("reload.finished")
        await viewer.login("anna@example.ru")

    assert traffic.failed == []
    assert claims_of(viewer.access_token)["aud"] == "new-cinema"
    assert len(set(process.pids("service.started"))) == 4


async def test_a_connection_that_rests_during_a_reload_carries_one_more_answer(pair: Process) -> None:
    """Whoever kept it sends the next request down it without looking; a closed one would fail that request."""
    async with raw_connection(pair) as (reader, ask):
        ask()
        before = await reader.readuntil(b"]}")
        await until(lambda: len(pair.pids("request.finished")) == 1)
        (mine,) = pair.pids("request.finished")

        pair.tell(signal.SIGHUP)
        await until(lambda: mine in pair.pids("worker.leaving"))
        with pytest.raises(TimeoutError):  # the leaving worker looks ten times a second whether it should end
            await asyncio.wait_for(reader.read(1), 1)
        ask()
        after = await reader.read()
    await pair.logged("reload.finished")

    assert (before.count(b"200 OK"), b"connection: close" in before) == (1, False)
    assert (after.count(b"200 OK"), b"connection: close" in after) == (1, True)


async def test_a_reload_that_could_not_start_again_changes_nothing(tmp_path: Path, stores: dict[str, str]) -> None:
    life = tmp_path / "access-ttl"
    life.write_text("300")
    variables = {**OPEN, **stores, "AUTH_WORKERS": "2", "AUTH_ACCESS_TTL_FILE": str(life)}
    async with started(tmp_path, **variables) as process:
        await process.logged("service.started", times=2)

        life.write_text("a week")
        process.tell(signal.SIGHUP)
        await process.logged("reload.refused")
        ready = await process.status("/readyz")

    assert ready == (200, "")
    assert len(process.pids("service.started")) == 2
