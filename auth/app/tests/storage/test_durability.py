"""What was acknowledged survives a kill: accounts, passwords, sessions, rotations, logouts, keys."""

import asyncio
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.tests.support.process import Process, started
from app.tests.support.viewer import PASSWORD, Viewer

# One public address, as behind a balancer: it stands in the tokens, the port of a start does not.
OPEN = {"AUTH_REQUIRE_CONFIRMED_EMAIL": "false", "AUTH_PUBLIC_URL": "http://auth.example"}


@dataclass
class Ledger:
    """Every answer that the service gave before it was killed."""

    registered: list[str] = field(default_factory=list)
    alive: list[str] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)


async def live(process: Process, number: int, ledger: Ledger) -> None:
    """One viewer after the other registers, signs in, refreshes, and every other one logs out, until the kill."""
    async with process.viewer() as viewer:
        for turn in range(1000):
            email = f"viewer{number}.{turn}@example.ru"
            if (await viewer.post("/register", {"email": email, "password": PASSWORD})).status != 202:
                return
            ledger.registered.append(email)
            await live_through_a_session(viewer, email, ledger, logs_out=turn % 2 == 1)


async def live_through_a_session(viewer: Viewer, email: str, ledger: Ledger, *, logs_out: bool) -> None:
    await viewer.login(email)
    viewer.keep(await viewer.refresh())
    # Sent but not yet acknowledged is neither: it is in the ledger only while nothing is under way.
    ledger.alive.append(viewer.refresh_token)
    if logs_out:
        ledger.alive.remove(viewer.refresh_token)
        if (await viewer.post("/logout")).status == 204:
            ledger.ended.append((viewer.access_token, viewer.refresh_token))


async def check(viewer: Viewer, ledger: Ledger) -> None:
    """Rule 2.1: every acknowledged effect holds, and nothing that ended is back."""
    logins = [(await viewer.login(email)).status for email in ledger.registered]
    viewer.access_token = ""
    refreshes = [(await viewer.refresh(token)).status for token in ledger.alive]
    zombies = [(await viewer.refresh(token)).status for _, token in ledger.ended]
    opened = [
        (await viewer.get("/me", headers={"Authorization": f"Bearer {token}"})).status for token, _ in ledger.ended
    ]
    assert set(logins) == {200}
    assert set(refreshes) == {200}
    assert set(zombies) == {401}
    assert set(opened) == {401}


@pytest.mark.embedded
async def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """FS-01, FS-02, FS-20: several times in the middle of the work, on the same data."""
    ledger = Ledger()
    for _ in range(3):
        async with started(tmp_path, **OPEN) as process:
            before = len(ledger.ended)
            crowd = [asyncio.create_task(live(process, len(ledger.registered) + n, ledger)) for n in range(4)]
            while len(ledger.ended) < before + 8:
                await asyncio.sleep(0)
                assert not any(task.done() for task in crowd)
            process.kill()
            await asyncio.gather(*crowd, return_exceptions=True)

    async with started(tmp_path, **OPEN) as process, process.viewer() as viewer:
        await check(viewer, ledger)

    with sqlite3.connect(tmp_path / "data" / "auth.sqlite3") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        halves = "SELECT count(*) FROM users WHERE id NOT IN (SELECT user_id FROM mail_tokens)"
        assert database.execute(halves).fetchone() == (0,)


async def test_tokens_and_keys_outlive_a_restart(tmp_path: Path) -> None:
    """FS-02: nobody is logged out, and a retry inside the window still gets the very same pair."""
    async with started(tmp_path, **OPEN) as process, process.viewer() as viewer:
        await viewer.post("/register", {"email": "anna@example.ru", "password": PASSWORD})
        await viewer.login("anna@example.ru")
        keys = (await viewer.get("/.well-known/jwks.json")).json
        access_token, refresh_token = viewer.access_token, viewer.refresh_token
        first = await viewer.refresh(refresh_token)
        process.kill()

    async with started(tmp_path, **OPEN) as process, process.viewer() as viewer:
        viewer.access_token = access_token
        answers = [await viewer.get("/me"), await viewer.refresh(refresh_token)]
        keys_after = (await viewer.get("/.well-known/jwks.json")).json

    assert [answer.status for answer in answers] == [200, 200]
    assert answers[1].text == first.text
    assert keys_after == keys


@pytest.mark.embedded
async def test_the_command_keeps_its_data_private_and_believes_no_caller(tmp_path: Path) -> None:
    """JW-15, RL-04, HT-05: keys and hashes are the owner's; the server rewrites no address and names no program."""
    data = tmp_path / "data"
    data.mkdir(mode=0o755)

    async with started(tmp_path, **OPEN) as process, process.viewer() as viewer:
        wrong = {"email": "anna@example.ru", "password": "wrong"}
        answer = await viewer.post("/login", wrong, headers={"X-Forwarded-For": "203.0.113.9"})

    with sqlite3.connect(data / "auth.sqlite3") as database:
        assert database.execute("SELECT address FROM login_history").fetchall() == [("127.0.0.1",)]
    assert data.stat().st_mode & 0o777 == 0o700
    assert "Server" not in answer.headers
