"""What is measured: each scenario is a function that measures one round."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.settings import BASE_PATH
from load.processes import Memory, Program, cpu_seconds
from load.raw import argon2_rate, redis_rate
from load.result import Figures
from load.seed import PASSWORD, seed_callbacks, seed_sessions
from load.surroundings import Surroundings
from load.wrk import CONNECTIONS, Hits, Shot, finish, shoot, start

SESSIONS = CONNECTIONS * 8
LOGIN_CONNECTIONS = 16  # enough for every core to hash all the time
STEADY_CONNECTIONS = 128  # of callers who pause between their requests
CALM_RATE = 100  # refreshes a second while passwords are hashed
FLOOD_CONNECTIONS = 300  # more than the workers let wait
SLOW_PROVIDER_SECONDS = 2
IN_FLIGHT = 5000
CROWDED_SECONDS = 15  # in which others are looked at; the callbacks take longer


@dataclass(kw_only=True)
class Bench:
    """What the scenarios share.

    Attributes:
        addresses: a file with those of the seeded accounts.
        peaks: rates by scenario, as far as a later scenario builds upon one.
    """

    around: Surroundings
    seconds: float
    addresses: Path
    in_flight: int = IN_FLIGHT
    runs: int = 0
    peaks: dict[str, float] = field(default_factory=dict)

    def shot(self, script: str, path: str, program: Program | None = None, **options: object) -> Shot:
        target = program or self.around.service
        return Shot(
            script=script, url=target.url, seconds=self.seconds, options={"path": path, **options}, expected=(200,)
        )

    def measure(self, shot: Shot, program: Program | None = None, **notes: float) -> Figures:
        """Shoot at the service, and see what its workers compute meanwhile."""
        with computing(program or self.around.service) as spent:
            hits = shoot(shot)
        return figures_of(hits, spent[0], notes)


@contextmanager
def computing(program: Program) -> Iterator[list[float]]:
    """Gives a list in which the seconds of computing will be."""
    spent: list[float] = []
    pids = program.workers
    began = cpu_seconds(pids)
    yield spent
    spent.append(cpu_seconds(pids) - began)


def figures_of(hits: Hits, spent: float, notes: dict[str, float]) -> Figures:
    refused = {"refused_503": hits.statuses["503"]} if "503" in hits.statuses else {}
    cpu_us = spent / max(1, hits.requests) * 1e6
    return Figures(rate=hits.rate, p50=hits.p50, p99=hits.p99, cpu_us=cpu_us, notes=notes | refused)


def refresh(bench: Bench) -> Figures:
    """refresh, rate limits off; floor: the bare handler"""
    files = seed_sessions(bench.around, SESSIONS)
    found = bench.measure(bench.shot("refresh", f"{BASE_PATH}/refresh", lines=files.refresh))
    floor = bench.measure(
        bench.shot("refresh", "/refresh", bench.around.floor, lines=files.floor_refresh), bench.around.floor
    )
    bench.peaks["refresh"] = found.rate
    notes = {
        "floor_p99_ms": floor.p99,
        "floor_cpu_us": floor.cpu_us or 0,
        "redis_alone_per_s": redis_rate(bench.around),
    }
    return replace(found, floor=floor.rate, notes=notes)


def refresh_limited(bench: Bench) -> Figures:
    """refresh, rate limits on, every caller with an address of its own; the same floor"""
    files = seed_sessions(bench.around, SESSIONS)
    limited = bench.around.limited
    shot = bench.shot("refresh", f"{BASE_PATH}/refresh", limited, lines=files.refresh, spread="yes")
    found = bench.measure(shot, limited)
    floor = shoot(bench.shot("refresh", "/refresh", bench.around.floor, lines=files.floor_refresh))
    return replace(found, floor=floor.rate)


def refresh_at_80(bench: Bench) -> Figures:
    """refresh at 80 % of the rate above, callers independent of each other"""
    peak = bench.peaks.get("refresh") or refresh(bench).rate
    files = seed_sessions(bench.around, SESSIONS)
    wanted = peak * 0.8
    shot = _calm(bench, files.refresh, wanted)
    return bench.measure(shot, wanted_per_s=wanted)


def _calm(bench: Bench, lines: Path, rate: float) -> Shot:
    """Refreshes at a steady rate."""
    return _at_rate(bench.shot("refresh", f"{BASE_PATH}/refresh", lines=lines), rate)


def _at_rate(shot: Shot, rate: float) -> Shot:
    """The same, each connection pausing as long as the rate takes; answering takes a few milliseconds."""
    pause = max(1.0, STEADY_CONNECTIONS / rate * 1000 - 2)
    return replace(shot, connections=STEADY_CONNECTIONS, options={**shot.options, "pause": round(pause, 3)})


def login(bench: Bench) -> Figures:
    """login with the right password; floor: argon2id alone, by the same library in as many processes"""
    shot = bench.shot("login", f"{BASE_PATH}/login", lines=bench.addresses, password=PASSWORD)
    found = bench.measure(replace(shot, connections=LOGIN_CONNECTIONS))
    floor = argon2_rate(bench.around, bench.seconds)
    elsewhere = argon2_rate(bench.around, bench.seconds, by_libsodium=False)
    notes = {"argon2_package_per_s": elsewhere, "of_argon2_package": found.rate / elsewhere}
    return replace(found, floor=floor, notes=notes)


def login_flood(bench: Bench) -> Figures:
    """logins from 300 connections beside 100 refreshes a second; excess logins get 503; floor: argon2id alone"""
    floor = argon2_rate(bench.around, bench.seconds)  # afterwards the last of the flood are still being hashed
    files = seed_sessions(bench.around, SESSIONS * 2)
    idle = shoot(_calm(bench, files.refresh, CALM_RATE))
    files = seed_sessions(bench.around, SESSIONS * 2)
    shot = bench.shot("login", f"{BASE_PATH}/login", lines=bench.addresses, password=PASSWORD, pause=500)
    flood = replace(shot, connections=FLOOD_CONNECTIONS, expected=(200, 503), seconds=bench.seconds + 1)
    with computing(bench.around.service) as spent:
        running = start(flood)
        try:
            calm = shoot(_calm(bench, files.refresh, CALM_RATE))
        finally:
            hits = finish(flood, running)
    notes = {
        "refresh_p99_idle_ms": idle.p99,
        "refresh_p99_flood_ms": calm.p99,
        "refresh_p99_ratio": calm.p99 / idle.p99,
        "refreshes_per_s": calm.rate,
    }
    found = figures_of(hits, spent[0], notes)
    # What was computed is that of two kinds of requests.
    return replace(found, cpu_us=None, floor=floor)


def get_me(bench: Bench) -> Figures:
    """get_me; floor: the bare handler with one row of SQL"""
    files = seed_sessions(bench.around, SESSIONS)
    found = bench.measure(bench.shot("get_me", f"{BASE_PATH}/me", lines=files.access))
    floor = shoot(bench.shot("get_me", "/get_me", bench.around.floor, lines=files.floor_access))
    return replace(found, floor=floor.rate)


def introspect(bench: Bench) -> Figures:
    """introspect by a service client; floor: the bare handler"""
    files = seed_sessions(bench.around, SESSIONS)
    client = bench.around.client
    shot = bench.shot("introspect", f"{BASE_PATH}/introspect", lines=files.access, client=client)
    found = bench.measure(shot)
    shot = bench.shot("introspect", "/introspect", bench.around.floor, lines=files.floor_access, client=client)
    return replace(found, floor=shoot(shot).rate)


def register(bench: Bench) -> Figures:
    """register new addresses, answers not held back; floor: argon2id alone"""
    bench.runs += 1
    shot = bench.shot("register", f"{BASE_PATH}/register", password=PASSWORD, run=f"run{bench.runs}")
    found = bench.measure(replace(shot, connections=LOGIN_CONNECTIONS, expected=(202,)))
    return replace(found, floor=argon2_rate(bench.around, bench.seconds))


def social_authorize(bench: Bench) -> Figures:
    """callbacks from a provider that answers at once"""
    shot = _coming_back(bench, bench.around.social, round(bench.seconds * 80), connections=4)
    return bench.measure(shot, bench.around.social)


def social_authorize_slow(bench: Bench) -> Figures:
    """callbacks from a provider that takes 2 s, coming one after the other"""
    with _slow_provider(bench):
        shot = _coming_back(
            bench, bench.around.social, round(bench.seconds * 60), connections=200, over=SLOW_PROVIDER_SECONDS
        )
        return bench.measure(shot, bench.around.social)


def social_in_flight(bench: Bench) -> Figures:
    """5,000 callbacks at once from a provider that takes 2 s, in one worker; beside them others who refresh and look"""
    program = bench.around.alone
    options: dict[str, Any] = {"connections": bench.in_flight, "seconds": 60, "timeout": 60, "expected": (200, 503)}
    files = seed_sessions(bench.around, SESSIONS)
    others = [
        _at_rate(bench.shot("refresh", f"{BASE_PATH}/refresh", program, lines=files.refresh), CALM_RATE),
        _at_rate(bench.shot("get_me", f"{BASE_PATH}/me", program, lines=files.access), CALM_RATE),
    ]
    others = [replace(each, seconds=CROWDED_SECONDS) for each in others]
    shot = _coming_back(bench, program, bench.in_flight, **options)
    with _slow_provider(bench), _beside(others) as calm:
        found = bench.measure(shot, program)
    most = Memory.most(program.workers)
    memory = {"callbacks": bench.in_flight, "pss_mb": most.pss, "rss_mb": most.rss}
    meanwhile = {f"{shot.script}_p99_ms": hits.p99 for shot, hits in zip(others, calm, strict=True)}
    return replace(found, notes=found.notes | memory | meanwhile)


def _coming_back(bench: Bench, program: Program, count: int, *, over: float = 0, **options: Any) -> Shot:
    """Browsers on their way back from a provider.

    Args:
        over: seconds in which the first of each connection come; then each comes as soon as the one before is served.
        options: of the shot.
    """
    lines = seed_callbacks(bench.around, count + 1)  # wrk asks its script once to see whether it works
    first = options.get("connections", CONNECTIONS)
    shot = bench.shot("callback", "", program, lines=lines, first=first, over=round(over * 1000))
    given = {"seconds": bench.seconds + over + SLOW_PROVIDER_SECONDS, "timeout": 30} | options
    return replace(shot, **given)


@contextmanager
def _beside(shots: Sequence[Shot]) -> Iterator[list[Hits]]:
    """Shoot while something else is measured; gives a list in which what was hit will be."""
    found: list[Hits] = []
    running = [(shot, start(shot)) for shot in shots]
    try:
        yield found
    finally:
        found += [finish(shot, process) for shot, process in running]


@contextmanager
def _slow_provider(bench: Bench) -> Iterator[None]:
    late = {"kind": "delay", "seconds": SLOW_PROVIDER_SECONDS}
    bench.around.control("fault", {"provider": "yandex", "endpoint": "token", "faults": [late]})
    try:
        yield
    finally:
        bench.around.control("clear_faults", {"provider": "yandex"})


SCENARIOS: dict[str, Callable[[Bench], Figures]] = {
    scenario.__name__: scenario
    for scenario in (
        refresh, refresh_limited, refresh_at_80, login, login_flood, get_me, introspect, register,
        social_authorize, social_authorize_slow, social_in_flight,
    )
}  # fmt: skip
ONCE = frozenset({"social_in_flight"})  # too long for several rounds


def warm_up(bench: Bench) -> None:
    """Let every worker load what it loads at first use, and the people become known to the provider's accounts."""
    brief = replace_seconds(bench, 1)
    files = seed_sessions(bench.around, SESSIONS)
    shoot(brief.shot("refresh", f"{BASE_PATH}/refresh", lines=files.refresh))
    shoot(brief.shot("get_me", f"{BASE_PATH}/me", lines=files.access))
    shoot(replace(brief.shot("login", f"{BASE_PATH}/login", lines=bench.addresses, password=PASSWORD), connections=8))
    shoot(brief.shot("refresh", "/refresh", bench.around.floor, lines=files.floor_refresh))
    brief.measure(_coming_back(brief, bench.around.social, 100, connections=4), bench.around.social)


def replace_seconds(bench: Bench, seconds: float) -> Bench:
    return Bench(around=bench.around, seconds=seconds, addresses=bench.addresses)
