"""`AUTH_WORKERS`: several processes on one address. One that dies is replaced; without their parent all end."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from sqlalchemy import text

from app.storage.sql.engine import open_engine
from app.storage.sql.schema import migrate
from app.tests.support.postgresql import PostgreSql
from app.tests.support.process import (
    KEYS,
    OPEN,
    PATIENCE_SECONDS,
    Process,
    hashing_pids,
    is_running,
    no_more_files,
    started,
    until,
)
from app.tests.support.proxy import Proxy
from app.tests.support.terminal import run
from app.tests.support.viewer import PASSWORD, Viewer

pytestmark = pytest.mark.timeout(300)  # a service starts several times, beside whatever else runs


async def test_several_processes_answer_and_no_id_is_given_twice(pair: Process) -> None:
    """What is random before a fork would be the same in all workers after it."""
    ids = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(set(pair.pids("request.finished"))) < 2:
            async with aiohttp.ClientSession() as session, session.get(pair.url + KEYS) as answer:
                ids.append(answer.headers["X-Request-Id"])

    assert set(pair.pids("request.finished")) == set(pair.pids("service.started"))
    assert len(set(ids)) == len(ids)


def test_the_parent_has_no_thread_that_a_fork_would_lose(pair: Process) -> None:
    """A lock that another thread holds at that moment would be held in the worker for ever."""
    assert len(list(Path(f"/proc/{pair.handle.pid}/task").iterdir())) == 1


def _has_grown(ledger: "Ledger", size: int) -> bool:
    return len(ledger.alive) >= size


@dataclass
class Ledger:
    """What the service has acknowledged, and what it did not answer."""

    alive: dict[str, str] = field(default_factory=dict)
    unanswered: int = 0


async def ask(viewer: Viewer, ledger: Ledger, path: str, body: object) -> int:
    """Send a request until it is answered, as people do."""
    while True:
        try:
            answer = await viewer.post(path, body)
        except aiohttp.ClientConnectionError:
            ledger.unanswered += 1
            continue
        if "refresh_token" in (answer.json or {}):
            viewer.keep(answer)
        return answer.status


async def live(process: Process, number: int, ledger: Ledger, stop: asyncio.Event) -> set[int]:
    """Register, sign in and refresh again and again; give the statuses of all answers."""
    statuses: set[int] = set()
    async with process.viewer() as viewer:
        for turn in range(10_000):
            email = f"viewer{number}.{turn}@example.ru"
            credentials = {"email": email, "password": PASSWORD}
            statuses.add(await ask(viewer, ledger, "/register", credentials))
            statuses.add(await ask(viewer, ledger, "/login", credentials))
            for _ in range(3):
                statuses.add(await ask(viewer, ledger, "/refresh", {"refresh_token": viewer.refresh_token}))
            ledger.alive[email] = viewer.refresh_token
            if stop.is_set():
                return statuses
    return statuses


async def test_a_killed_worker_is_back_and_only_what_it_was_answering_is_lost(pair: Process) -> None:
    """FS-01, with a retry of whatever got no answer: nothing else fails, what was acknowledged holds."""
    ledger, stop, kills, viewers = Ledger(), asyncio.Event(), 3, 4
    crowd = [asyncio.create_task(live(pair, number, ledger, stop)) for number in range(viewers)]
    for kill in range(kills):
        so_far = len(ledger.alive)
        await until(partial(_has_grown, ledger, so_far + viewers))
        os.kill(pair.pids("service.started")[-1], signal.SIGKILL)
        await pair.logged("service.started", times=3 + kill)
    stop.set()
    statuses = set().union(*await asyncio.gather(*crowd))

    async with pair.viewer() as viewer:
        refreshed = [(await viewer.refresh(token)).status for token in ledger.alive.values()]
        entered = [(await viewer.login(email)).status for email in ledger.alive]
    assert statuses == {200, 202}
    assert ledger.unanswered <= kills * viewers
    assert set(refreshed) | set(entered) == {200}


@asynccontextmanager
async def losing_its_database(folder: Path, stores: dict[str, str]) -> AsyncIterator[tuple[Process, Proxy]]:
    """Two workers, one of which is killed while the database is away: its successor waits."""
    address = stores["AUTH_DATABASE_URL"]
    async with Proxy.before(PostgreSql.door_of(address)) as proxy:
        there = f"postgresql://postgres@127.0.0.1:{proxy.port}{urlsplit(address).path}"
        variables = {**OPEN, **stores, "AUTH_DATABASE_URL": there, "AUTH_WORKERS": "2"}
        async with started(folder, **variables) as process:
            await process.logged("service.started", times=2)
            proxy.refuse()
            os.kill(process.pids("service.started")[0], signal.SIGKILL)
            await process.logged("start.waiting")
            yield process, proxy


async def test_a_worker_that_finds_no_database_waits_for_it(tmp_path: Path, stores: dict[str, str]) -> None:
    """No start after the other that fails, and nobody has to restart anything."""
    async with losing_its_database(tmp_path, stores) as (process, proxy):
        await proxy.heal()
        await process.logged("service.started", times=3)

    assert len(process.pids("worker.died")) == 1


async def test_a_worker_that_waits_ends_with_its_parent_too(tmp_path: Path, stores: dict[str, str]) -> None:
    async with losing_its_database(tmp_path, stores) as (process, _):
        everybody = {process.handle.pid, process.pids("service.started")[1], process.pids("start.waiting")[-1]}

        process.kill()

        await until(lambda: not any(is_running(pid) for pid in everybody))
    assert len(everybody) == 3


async def test_a_system_that_refuses_another_process_is_asked_again(pair: Process) -> None:
    """FS-29: those who serve go on, and nobody has to restart anything."""
    first, second = pair.pids("service.started")

    with no_more_files(pair.handle.pid):
        os.kill(first, signal.SIGKILL)
        await pair.logged("worker.not_started", times=2)
        ready = await pair.status("/readyz")
    await pair.logged("service.started", times=3)

    assert ready == (200, "")
    assert is_running(second)


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_killed_parent_leaves_no_process(workers: int, tmp_path: Path, stores: dict[str, str]) -> None:
    async with started(tmp_path, AUTH_WORKERS=str(workers), **OPEN, **stores) as process:
        await process.logged("service.started", times=workers)
        async with process.viewer() as viewer:
            await viewer.login("nobody@example.ru")
        serving = {process.handle.pid, *process.pids("service.started")} - {0}
        hashing = {pid for parent in serving for pid in hashing_pids(parent)}

        process.kill()

        await until(lambda: not any(is_running(pid) for pid in serving | hashing))
    assert (len(serving), len(hashing)) == (1 if workers == 1 else 3, 1)


async def test_a_service_that_cannot_start_ends_and_says_so(tmp_path: Path, stores: dict[str, str]) -> None:
    engine = open_engine(stores["AUTH_DATABASE_URL"], tmp_path)
    await migrate(engine)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()

    done = await asyncio.to_thread(run, tmp_path, "app", "serve", AUTH_WORKERS="2", AUTH_PORT="0", **stores)

    assert done.returncode != 0
    assert done.stdout.count("worker.died") == 1
    assert "newer version" in done.stdout + done.stderr
