"""What is measured at each size: people at random over all accounts, the sizes in turn."""

import asyncio
import random
import statistics
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import cycle
from typing import Any

import aiohttp

from app.accounts.email_address import parse_email
from app.accounts.find_account import find_account
from app.accounts.login import begin_session
from app.bootstrap import Services
from app.http.client import Client
from app.ports.tokens import TokenState
from app.sessions.new_device import REMEMBERED
from app.sessions.open import issue_first_pair
from app.sessions.tokens import TokenPair, issue
from app.settings import BASE_PATH
from load.processes import Program, cpu_seconds
from load.result import Figures
from load.seed import PASSWORD
from load.wrk import Unexpected
from scale.fill import BROWSER
from scale.people import Crowd

CALLERS = 4
LOGIN_CALLERS = 2  # more would wait for each other's hashes
SAMPLE_A_SECOND = 1500  # people; more than are asked for, so nobody is asked for twice in a round
KNOWN = Client(address="203.0.113.7", user_agent=BROWSER)  # nobody has to be told of a new device


@dataclass(frozen=True, kw_only=True)
class Door:
    """One size: its service, and a second door to the same stores."""

    crowd: Crowd
    program: Program
    services: Services
    http: aiohttp.ClientSession


Measure = Callable[[Sequence[Door], float], Awaitable[list[Figures]]]
"""Measures all sizes for so many seconds each, in this order."""


async def look_up(doors: Sequence[Door], seconds: float) -> list[Figures]:
    """what a login reads: the account, and who has signed in lately; without HTTP"""

    async def act(door: Door) -> None:
        user = await find_account(door.services.accounts, parse_email(_anybody(door)))
        assert user
        async with door.services.storage.reading() as tx:
            await tx.history.appearances(user.id, limit=REMEMBERED)

    return await _without_http(doors, seconds, act)


async def find_by_email(doors: Sequence[Door], seconds: float) -> list[Figures]:
    """the account of an address; without HTTP"""

    async def act(door: Door) -> None:
        assert await find_account(door.services.accounts, parse_email(_anybody(door)))

    return await _without_http(doors, seconds, act)


async def sign_in(doors: Sequence[Door], seconds: float) -> list[Figures]:
    """all of a login but the hash, its commit included; without HTTP"""

    async def act(door: Door) -> None:
        accounts = door.services.accounts
        user = await find_account(accounts, parse_email(_anybody(door)))
        assert user
        state = await begin_session(accounts, user, KNOWN)
        assert state
        await issue_first_pair(accounts.sessions, state)

    return await _without_http(doors, seconds, act)


async def login(doors: Sequence[Door], seconds: float) -> list[Figures]:
    """the right password over HTTP, from 2 connections"""

    async def act(door: Door) -> None:
        await _ask(door, "POST", "login", json={"email": _anybody(door), "password": PASSWORD})

    return await _over_http(doors, seconds, act, callers=LOGIN_CALLERS)


async def refresh(doors: Sequence[Door], seconds: float) -> list[Figures]:
    """the next pair over HTTP, from 4 connections"""
    queues = {door.crowd.size: deque(await _each(door, seconds, _newest_token)) for door in doors}

    async def act(door: Door) -> None:
        answer = await _ask(door, "POST", "refresh", json={"refresh_token": queues[door.crowd.size].popleft()})
        queues[door.crowd.size].append(answer["refresh_token"])

    return await _over_http(doors, seconds, act)


async def list_logins(doors: Sequence[Door], seconds: float) -> list[Figures]:
    """the first page of the own login history over HTTP, from 4 connections"""
    return await _read(doors, seconds, "me/logins")


async def get_me(doors: Sequence[Door], seconds: float) -> list[Figures]:
    """the own profile over HTTP, from 4 connections"""
    return await _read(doors, seconds, "me")


async def _read(doors: Sequence[Door], seconds: float, path: str) -> list[Figures]:
    tokens = {door.crowd.size: cycle(await _each(door, seconds, _fresh_token)) for door in doors}

    async def act(door: Door) -> None:
        await _ask(door, "GET", path, headers={"Authorization": f"Bearer {next(tokens[door.crowd.size])}"})

    return await _over_http(doors, seconds, act)


async def _ask(door: Door, method: str, path: str, **content: Any) -> dict[str, Any]:
    url = f"{door.program.url}{BASE_PATH}/{path}"
    async with door.http.request(method, url, **content) as answer:
        if answer.status != HTTPStatus.OK:
            raise Unexpected(f"{path}: {answer.status} {await answer.text()}")
        told: dict[str, Any] = await answer.json()
        return told


async def _over_http(
    doors: Sequence[Door], seconds: float, act: Callable[[Door], Awaitable[None]], *, callers: int = CALLERS
) -> list[Figures]:
    """As `_in_turn`, and see what the workers compute meanwhile."""
    began = [cpu_seconds(door.program.workers) for door in doors]
    times = await _in_turn(doors, seconds, act, callers)
    spent = [cpu_seconds(door.program.workers) - before for door, before in zip(doors, began, strict=True)]
    return [replace(_figures(found), cpu_us=each / len(found) * 1e6) for found, each in zip(times, spent, strict=True)]


async def _without_http(doors: Sequence[Door], seconds: float, act: Callable[[Door], Awaitable[None]]) -> list[Figures]:
    return [_figures(found) for found in await _in_turn(doors, seconds, act, 1)]


async def _in_turn(
    doors: Sequence[Door], seconds: float, act: Callable[[Door], Awaitable[None]], callers: int
) -> list[list[float]]:
    """Act at one size after the other, again and again: what disturbs meets all alike. Gives milliseconds."""
    times: list[list[float]] = [[] for _ in doors]
    latest = time.perf_counter() + seconds * len(doors)

    async def call() -> None:
        while time.perf_counter() < latest:
            for found, door in zip(times, doors, strict=True):
                began = time.perf_counter()
                await act(door)
                found.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(call() for _ in range(callers)))
    return times


def _figures(times: Sequence[float]) -> Figures:
    return Figures(
        rate=1000 / statistics.mean(times),
        p50=statistics.median(times),
        p99=statistics.quantiles(times, n=100)[-1],
    )


def _anybody(door: Door) -> str:
    return door.crowd.email(random.randrange(door.crowd.size))


async def _each(door: Door, seconds: float, act: Callable[[Door, int], Awaitable[str]]) -> list[str]:
    """A token for each of many people."""
    count = min(door.crowd.size, round(SAMPLE_A_SECOND * seconds))
    return [await act(door, number) for number in random.sample(range(door.crowd.size), count)]


async def _fresh_token(door: Door, number: int) -> str:
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
    return (await _issue(door, state)).access_token


async def _newest_token(door: Door, number: int) -> str:
    """The session may have been refreshed in an earlier round."""
    state = await door.services.sessions.tokens.find(door.crowd.user_id(number), door.crowd.session_id(number))
    assert state
    return (await _issue(door, state)).refresh_token


async def _issue(door: Door, state: TokenState) -> TokenPair:
    sessions = door.services.sessions
    return issue(state, ring=await sessions.keys.current(), policy=sessions.policy)


MEASURES: dict[str, Measure] = {
    measure.__name__: measure for measure in (find_by_email, look_up, sign_in, login, refresh, list_logins, get_me)
}
