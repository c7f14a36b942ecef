"""The thread that keeps a verifier up to date: it goes on whatever happens, and in every process."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.tests.support.clock import ManualClock
from app.tests.support.eventually import eventually
from app.tests.support.people import signed_in
from app.tests.support.service import Service, serving
from app.tests.support.terminal import AUTH_FOLDER
from app.tests.verifier.answering import Reply, answering
from app.tests.verifier.checking import credentials, make_verifier, opens
from cinema_auth import Unavailable, Verifier


class RunningClock(ManualClock):
    """Goes with the world outside: other threads wait in real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path / "data", RunningClock()) as running:
        yield running


async def test_a_logout_is_known_by_itself(service: Service) -> None:
    async with signed_in(service, "anna@example.ru") as anna:
        verifier = make_verifier(service.url, **await credentials(service))
        await asyncio.to_thread(verifier.start)
        try:
            before = opens(verifier, anna.access_token)
            await anna.post("/logout")

            async def taken() -> bool:
                return opens(verifier, anna.access_token)

            assert before
            assert await eventually(taken, lambda answer: not answer) is False
        finally:
            await asyncio.to_thread(verifier.close)


async def test_a_service_that_is_away_at_the_start_is_found_later(service: Service) -> None:
    """Containers start in any order."""
    async with signed_in(service, "anna@example.ru") as anna:
        given = await credentials(service)
        broken = Reply(status=503)
        with answering(keys=broken, feed=broken) as server:
            verifier = make_verifier(server.url, **given)
            await asyncio.to_thread(verifier.start)
            with pytest.raises(Unavailable):
                verifier.verify(anna.access_token)
            await asyncio.to_thread(verifier.close)
        verifier = Verifier(service.url, **given)
        verifier._polling.start()
        try:

            async def age() -> object:
                return verifier.revocations_age

            await eventually(age, lambda answer: answer is not None)
            assert opens(verifier, anna.access_token)
        finally:
            await asyncio.to_thread(verifier.close)


FORKING = """
import os, sys
from cinema_auth import TokenInvalid, Verifier

url, client_id, client_secret, token = sys.argv[1:]
verifier = Verifier(url, client_id=client_id, client_secret=client_secret)
verifier.start()
verifier.verify(token)
if os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
print("forked", flush=True)
sys.stdin.readline()
try:
    verifier.verify(token)
except TokenInvalid:
    os._exit(3)
os._exit(0)
"""


async def test_a_forked_worker_learns_what_happened_since_the_fork(service: Service) -> None:
    """gunicorn --preload, uWSGI, multiprocessing: the thread stays in the parent, and the first request asks itself."""
    async with signed_in(service, "anna@example.ru") as anna:
        given = await credentials(service)
        own = make_verifier(service.url, **given)
        await asyncio.to_thread(own.refresh)  # from now on it hears what the child would hear
        command = [sys.executable, "-c", FORKING, service.url, *given.values(), anna.access_token]
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(*command, cwd=AUTH_FOLDER, stdin=pipe, stdout=pipe)
        assert child.stdin is not None
        assert child.stdout is not None
        told = await asyncio.wait_for(child.stdout.readline(), 30)
        await anna.post("/logout")
        await eventually(lambda: asyncio.to_thread(has_learned, own, anna.access_token), bool)
        child.stdin.write(b"\n")

        status = await asyncio.wait_for(child.wait(), 30)

        assert (told, status) == (b"forked\n", 3)


def has_learned(verifier: Verifier, token: str) -> bool:
    verifier.refresh()
    return not opens(verifier, token)


def test_a_thread_that_meets_a_bug_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    with answering(keys=Reply(), feed=Reply()) as server:
        verifier = server.verifier(monotonic=lambda: 1 // 0)

        assert verifier._polling.do() > 0
    assert "ZeroDivisionError" in caplog.text
