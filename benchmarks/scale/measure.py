"""What is measured at each size: people at random over all accounts, the sizes in turn."""

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.accounts.email_address import parse_email
from app.accounts.find_account import find_account
from app.bootstrap import Services
from app.http.client import Client
from app.ports.tokens import TokenState
from app.sessions.model import SignIn, SignInMethod
from app.sessions.new_device import REMEMBERED
from app.sessions.open import issue_first_pair, write_session
from app.sessions.tokens import TokenPair, issue
from app.settings import BASE_PATH
from load.processes import Program, cpu_seconds
from load.result import Figures
from load.seed import PASSWORD
from load.wrk import Shot, shoot
from scale.fill import BROWSER
from scale.people import Crowd

CONNECTIONS = 4
LOGIN_CONNECTIONS = 2  # more would wait for each other's hashes
SAMPLE_A_SECOND = 3000  # people; more than are asked for, so nobody is asked for twice in a round
KNOWN = Client(address="203.0.113.7", user_agent=BROWSER)  # nobody has to be told of a new device


@dataclass(frozen=True, kw_only=True)
class Door:
    """One size: its service, and a second door to the same stores."""

    crowd: Crowd
    program: Program
    services: Services
    folder: Path


Measure = Callable[[Sequence[Door], float], Awaitable[list[Figures]]]
"""Measures all sizes for so many seconds each, in this order."""


async def look_up(doors: Sequence[Door], seconds: float) -> list[Figures]:
    """what a login reads: account, lock, the latest history, roles; without HTTP"""

    async def act(door: Door, email: str) -> None:
        user = await find_account(door.services.accounts, parse_email(email))
        assert user
        async with door.services.storage.transaction() as tx:
            await tx.users.lock(user.id)
            await tx.history.of_user(user.id, limit=REMEMBERED)
            await tx.roles.version_of_user(user.id)
            await tx.roles.of_user(user.id)

    return await _in_turn(doors, seconds, act)


async def find_by_email(doors: Sequence[Door], seconds: float) -> list[Figures]:
    """the account of an address; without HTTP"""

    async def act(door: Door, email: str) -> None:
        assert await find_account(door.services.accounts, parse_email(email))

    return await _in_turn(doors, seconds, act)


async def sign_in(doors: Sequence[Door], seconds: float) -> list[Figures]:
    """all of a login but the hash, its commit included; without HTTP"""

    async def act(door: Door, email: str) -> None:
        user = await find_account(door.services.accounts, parse_email(email))
        assert user
        wish = SignIn(user_id=user.id, account_since=user.created_at, method=SignInMethod.PASSWORD, client=KNOWN)
        async with door.services.storage.transaction() as tx:
            await tx.users.lock(user.id)
            state = await write_session(door.services.sessions, tx, wish)
        await issue_first_pair(door.services.sessions, state)

    return await _in_turn(doors, seconds, act)


async def _in_turn(doors: Sequence[Door], seconds: float, act: Callable[[Door, str], Awaitable[None]]) -> list[Figures]:
    """Act at one size after the other, again and again: what disturbs meets all alike."""
    times: list[list[float]] = [[] for _ in doors]
    latest = time.perf_counter() + seconds * len(doors)
    while time.perf_counter() < latest:
        for found, door in zip(times, doors, strict=True):
            email = door.crowd.email(random.randrange(door.crowd.size))
            began = time.perf_counter()
            await act(door, email)
            found.append((time.perf_counter() - began) * 1000)
    return [
        Figures(
            rate=1000 / statistics.mean(found),
            p50=statistics.median(found),
            p99=statistics.quantiles(found, n=100)[-1],
        )
        for found in times
    ]


async def login(doors: Sequence[Door], seconds: float) -> list[Figures]:
    """the right password, from 2 connections"""
    return [await _shoot(door, seconds, "login", "login", _emails(door, seconds)) for door in doors]


async def refresh(doors: Sequence[Door], seconds: float) -> list[Figures]:
    """the next pair, from 4 connections"""
    found = []
    for door in doors:
        tokens = [pair.refresh_token for pair in await _each(door, seconds, _newest_pair)]
        found.append(await _shoot(door, seconds, "refresh", "refresh", tokens))
    return found


async def list_logins(doors: Sequence[Door], seconds: float) -> list[Figures]:
    """the first page of the own login history, from 4 connections"""
    return [await _shoot(door, seconds, "get_me", "me/logins", await _access(door, seconds)) for door in doors]


async def get_me(doors: Sequence[Door], seconds: float) -> list[Figures]:
    """the own profile, from 4 connections"""
    return [await _shoot(door, seconds, "get_me", "me", await _access(door, seconds)) for door in doors]


async def _shoot(door: Door, seconds: float, script: str, path: str, lines: Sequence[str]) -> Figures:
    file = door.folder / f"{door.crowd.size}.txt"
    file.write_text("\n".join(lines) + "\n", encoding="ascii")
    shot = Shot(
        script=script,
        url=door.program.url,
        seconds=seconds,
        options={"path": f"{BASE_PATH}/{path}", "lines": file, "password": PASSWORD},
        connections=LOGIN_CONNECTIONS if script == "login" else CONNECTIONS,
    )
    began = cpu_seconds(door.program.workers)
    hits = await asyncio.to_thread(shoot, shot)
    spent = cpu_seconds(door.program.workers) - began
    return Figures(rate=hits.rate, p50=hits.p50, p99=hits.p99, cpu_us=spent / hits.requests * 1e6)


def _sample(door: Door, seconds: float) -> list[int]:
    return random.sample(range(door.crowd.size), min(door.crowd.size, round(SAMPLE_A_SECOND * seconds)))


def _emails(door: Door, seconds: float) -> list[str]:
    return [door.crowd.email(number) for number in _sample(door, seconds)]


async def _access(door: Door, seconds: float) -> list[str]:
    pairs = await _each(door, seconds, _fresh_pair)
    return [pair.access_token for pair in pairs]


async def _each(door: Door, seconds: float, act: Callable[[Door, int], Awaitable[TokenPair]]) -> list[TokenPair]:
    return [await act(door, number) for number in _sample(door, seconds)]


async def _fresh_pair(door: Door, number: int) -> TokenPair:
    """As if the session had just been refreshed. Nothing is read: it would be in memory then."""
    now = datetime.now(UTC)
    state = TokenState(
        session_id=door.crowd.session_id(number),
        user_id=door.crowd.user_id(number),
        generation=0,
        rotated_at=now,
        expires_at=now + timedelta(days=1),
        roles=(),
    )
    return await _issue(door, state)


async def _newest_pair(door: Door, number: int) -> TokenPair:
    """The session may have been refreshed in an earlier round."""
    state = await door.services.sessions.tokens.find(door.crowd.user_id(number), door.crowd.session_id(number))
    assert state
    return await _issue(door, state)


async def _issue(door: Door, state: TokenState) -> TokenPair:
    sessions = door.services.sessions
    return issue(state, ring=await sessions.keys.current(), policy=sessions.policy)


MEASURES: dict[str, Measure] = {
    measure.__name__: measure for measure in (find_by_email, look_up, sign_in, login, refresh, list_logins, get_me)
}
