"""One run of wrk, and what it found."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parents[1] / "wrk"
CONNECTIONS = 64
MARGIN_SECONDS = 60  # for connecting, and for answers that are late


class Unexpected(Exception):
    """An answer that the scenario does not provide for: its figures would mean nothing."""


@dataclass(frozen=True, kw_only=True)
class Shot:
    """What to send.

    Attributes:
        script: a file of benchmarks/wrk.
        options: for the script, see common.lua.
        expected: every status that may come; all others fail the run.
        connections: one request at a time each.
        timeout: seconds after which an answer counts as missing.
    """

    script: str
    url: str
    seconds: float
    options: Mapping[str, object]
    expected: tuple[int, ...] = (200,)
    connections: int = CONNECTIONS
    threads: int = 1
    timeout: int = 10


@dataclass(frozen=True, kw_only=True)
class Hits:
    """What came back. Times are in milliseconds.

    Attributes:
        seconds: how long answers came.
        rate: answers a second that did what was asked for.
    """

    seconds: float
    requests: int
    rate: float
    p50: float
    p99: float
    longest: float
    statuses: Mapping[str, int] = field(default_factory=dict)


def command(shot: Shot) -> list[str]:
    options = {"threads": shot.threads} | dict(shot.options)
    return [
        "wrk",
        f"-t{shot.threads}",
        f"-c{shot.connections}",
        f"-d{max(1, round(shot.seconds))}s",
        f"--timeout={shot.timeout}s",
        "-s",
        f"{shot.script}.lua",
        shot.url,
        "--",
        *(f"{name}={value}" for name, value in options.items()),
    ]


def shoot(shot: Shot) -> Hits:
    """Raises: Unexpected, when anything but the expected statuses came."""
    limit = shot.seconds + shot.timeout + MARGIN_SECONDS
    done = subprocess.run(command(shot), cwd=SCRIPTS, capture_output=True, text=True, timeout=limit, check=False)
    return read(shot, done.stdout, done.stderr)


def start(shot: Shot) -> subprocess.Popen[str]:
    """Begin a run beside others; `finish` waits for it."""
    return subprocess.Popen(command(shot), cwd=SCRIPTS, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(shot: Shot, running: subprocess.Popen[str]) -> Hits:
    """Raises: Unexpected, as `shoot`."""
    try:
        output, errors = running.communicate(timeout=shot.seconds + shot.timeout + MARGIN_SECONDS)
    except BaseException:
        running.kill()
        running.wait()
        raise
    return read(shot, output, errors)


def read(shot: Shot, output: str, errors: str) -> Hits:
    lines = [line for line in output.splitlines() if line.startswith("{")]
    if not lines:
        raise Unexpected(f"{shot.script}: wrk said nothing of use: {output[-500:]} {errors[-500:]}")
    found: dict[str, Any] = json.loads(lines[-1])
    statuses: dict[str, int] = found["statuses"]
    strange = {status: count for status, count in statuses.items() if int(status) not in shot.expected}
    if strange or found["failures"] or not statuses:
        raise Unexpected(
            f"{shot.script}: statuses {statuses}, {found['failures']} failed connections or late answers;"
            f" {', '.join(map(str, shot.expected))} expected; {found['sample']}"
        )
    seconds = found["between"] or found["seconds"]
    return Hits(
        seconds=seconds,
        requests=sum(statuses.values()),
        rate=statuses.get(str(shot.expected[0]), 0) / seconds,
        p50=found["p50"] / 1000,
        p99=found["p99"] / 1000,
        longest=found["max"] / 1000,
        statuses=statuses,
    )
