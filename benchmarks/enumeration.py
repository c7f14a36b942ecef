"""Can a stop watch tell which addresses have an account?

Starts the service with an empty database of its own, asks each route that must not tell in interleaved pairs, once
about an address that has an account and once about one that has none, and compares the two series of times.

    auth/.venv/bin/python benchmarks/enumeration.py                  # 2,000 pairs a route, idle
    auth/.venv/bin/python benchmarks/enumeration.py --load 300       # beside 300 other requests a second
    AUTH_DATABASE_URL=postgresql://… AUTH_REDIS_URL=redis://… auth/.venv/bin/python benchmarks/enumeration.py

With stores of its own choice they must be empty. `AUC` is the probability that an address with an account took longer
than one without: 0.5 tells nothing.
"""

import argparse
import asyncio
import os
import platform
import random
import signal
import statistics
import subprocess
import sys
import time
from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

import aiohttp

from load.surroundings import AUTH, serve, workplace

PASSWORD = "correct-horse-battery-staple"
KNOWN, OTHER = "known@cinema.example", "other@cinema.example"
ALLOWED_GAP_MS, ALLOWED_GAP_SHARE = 2.0, 0.02
ALLOWED_AUC = (0.45, 0.55)

Ask = Callable[[str], Awaitable[None]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=2000, help="questions of each kind and route (2000)")
    parser.add_argument("--load", type=int, default=0, help="other requests a second meanwhile (0)")
    parser.add_argument("--routes", default="", help="only these, separated by commas")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # nothing is left behind
    with running_service() as origin:
        held = asyncio.run(compare_all(origin, chosen))
    sys.exit(not held)


@contextmanager
def running_service() -> Iterator[str]:
    """The service in a process of its own, with two accounts, and without limits: they would end the measurement."""
    with workplace() as folder:
        environment = os.environ | {
            "AUTH_DATA_DIR": str(folder / "data"),
            "AUTH_RATE_LIMITS": "false",
            "AUTH_LOG_LEVEL": "error",
        }
        for email in (KNOWN, OTHER):
            command = [sys.executable, "-m", "app", "superuser", "create", "--email", email]
            made = environment | {"AUTH_SUPERUSER_PASSWORD": PASSWORD}
            subprocess.run(command, cwd=AUTH, env=made, check=True, stdout=subprocess.DEVNULL)
        with serve(folder, environment, "service") as program:
            yield program.url


async def compare_all(origin: str, chosen: argparse.Namespace) -> bool:
    """Measure each route and print a line about it. Returns: whether all stay within what is allowed."""
    api = origin + "/auth/api/v1"
    async with aiohttp.ClientSession() as session:
        load = asyncio.create_task(disturb(session, api, chosen.load))
        machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
        print(f"{machine}; {chosen.pairs} pairs a route beside {chosen.load} other requests a second")
        print(f"{'route':<16}{'median':>9}{'gap':>8}{'p10 gap':>9}{'AUC':>7}")
        held = [
            await compare(name, ask, chosen.pairs)
            for name, ask in (await questions(session, api)).items()
            if name in (chosen.routes or name).split(",")
        ]
        load.cancel()
        with suppress(asyncio.CancelledError):
            await load
    return all(held)


async def disturb(session: aiohttp.ClientSession, api: str, rate: int) -> None:
    """Ask for something else so many times a second."""
    async with session.post(f"{api}/login", json={"email": OTHER, "password": PASSWORD}) as answer:
        token = (await answer.json())["access_token"]
    while rate:
        async with session.get(f"{api}/me", headers={"Authorization": f"Bearer {token}"}) as answer:
            await answer.read()
        await asyncio.sleep(random.expovariate(rate))


async def questions(session: aiohttp.ClientSession, api: str) -> dict[str, Ask]:
    """The routes that must not tell; each takes an address."""
    async with session.post(f"{api}/login", json={"email": OTHER, "password": PASSWORD}) as answer:
        bearer = {"Authorization": f"Bearer {(await answer.json())['access_token']}"}

    def ask(path: str, headers: dict[str, str] | None = None, **body: str) -> Ask:
        async def act(email: str) -> None:
            async with session.post(api + path, json={"email": email, **body}, headers=headers) as answer:
                await answer.read()
                if answer.status not in {202, 401}:
                    raise SystemExit(f"{path} answered {answer.status}: {await answer.text()}")

        return act

    return {
        "login": ask("/login", password="a-wrong-password"),
        "register": ask("/register", password=PASSWORD),
        "forgot": ask("/password/forgot"),
        "resend": ask("/email/confirm/resend"),
        "change e-mail": ask("/me/email", bearer, current_password=PASSWORD),
    }


async def compare(name: str, ask: Ask, pairs: int) -> bool:
    known: list[float] = []
    unknown: list[float] = []
    for number in range(-20, pairs):  # the first ones warm up
        order = [(known, KNOWN), (unknown, f"{name.replace(' ', '')}{number + 20}@cinema.example")]
        random.shuffle(order)
        for times, email in order:
            began = time.perf_counter()
            await ask(email)
            if number >= 0:
                times.append((time.perf_counter() - began) * 1000)
    median = statistics.median(unknown)
    gap = abs(statistics.median(known) - median)
    low_gap = abs(statistics.quantiles(known, n=10)[0] - statistics.quantiles(unknown, n=10)[0])
    auc = probability_of_longer(known, unknown)
    held = (
        max(gap, low_gap) <= max(ALLOWED_GAP_MS, median * ALLOWED_GAP_SHARE) and ALLOWED_AUC[0] <= auc <= ALLOWED_AUC[1]
    )
    print(f"{name:<16}{median:>6.1f} ms{gap:>8.2f}{low_gap:>9.2f}{auc:>7.3f}{'' if held else '  tells'}", flush=True)
    return held


def probability_of_longer(one: list[float], other: list[float]) -> float:
    """The rank-sum statistic as a share: ties count half."""
    ranked = sorted(other)
    wins = sum((bisect_left(ranked, each) + bisect_right(ranked, each)) / 2 for each in one)
    return wins / (len(one) * len(other))


if __name__ == "__main__":
    main()
