"""The figures for people and for programs."""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from load.peers.measure import Peers
from load.result import Result, Rounds
from load.surroundings import HERE, WORKERS

PACKAGES = (
    "litestar",
    "uvicorn",
    "uvloop",
    "redis",
    "sqlalchemy",
    "asyncpg",
    "joserfc",
    "cryptography",
    "argon2-cffi",
    "pynacl",
)


COLUMNS = ("requests/s", "p50 ms", "p99 ms", "CPU µs", "floor /s", "of floor")
FIGURES = ("rate", "p50", "p99", "cpu_us", "floor")


def show(
    console: Console, results: Sequence[Result], service: dict[str, float], peers: Peers, machine: dict[str, Any]
) -> None:
    """Print the tables."""
    columns = (*COLUMNS, *(["× peer"] if peers.running else []))
    table = Table("scenario", *columns, box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for result in results:
        table.add_row(*_row(result), f"{result.share:.0%}" if result.share else "–")
        for peer in result.peers:
            table.add_row(*_row(peer, "  "), "–", f"{peer.times:.1f}")
    console.print(table)
    for result in results:
        if result.notes:
            tell(console, f"{result.scenario}: {_list(result.notes)}")
    tell(console, f"the service: {_list(service)}" if peers.running else _list(service))
    _show_peers(console, results, peers)
    where = f"{machine['cpu']}, {machine['cores']} cores, load {machine['load_at_start']:.1f} at the start"
    tell(console, f"{where}; Python {machine['python']}, commit {machine['commit'][:12]}")


def _row(rounds: Rounds, indent: str = "") -> list[str]:
    return [indent + rounds.scenario, *(number(rounds.median(name)) for name in FIGURES)]


def _show_peers(console: Console, results: Sequence[Result], peers: Peers) -> None:
    for name, facts in peers.facts().items():
        figures = {what: value for what, value in facts.items() if isinstance(value, float)}
        tell(console, f"{name} {facts['version']}: {_list(figures)}")
    for result in results:
        for peer in result.peers:
            if peer.about:
                tell(console, f"{result.scenario} of {peer.scenario}: {peer.about}")
    for name, reason in peers.left_out.items():
        tell(console, f"{name} is left out: {reason.splitlines()[0]}")


def tell(console: Console, line: str) -> None:
    console.print(line, soft_wrap=True, highlight=False)


def _list(figures: dict[str, float]) -> str:
    return ", ".join(f"{name} {number(value)}" for name, value in figures.items())


def number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}" if value >= 1 else f"{value:.2f}"


def describe_machine() -> dict[str, Any]:
    """Where and on what the figures were measured. Called first of all: the load is that of others."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "load_at_start": os.getloadavg()[0],
        "kernel": platform.release(),
        "python": platform.python_version(),
        "workers": WORKERS,
        "versions": {name: version(name) for name in PACKAGES},
        "redis": _told("redis-server", "--version").split("v=")[-1].split()[0],
        "wrk": _told("wrk", "-v").split()[1],
        "commit": _told("git", "-C", str(HERE), "rev-parse", "HEAD").strip() or "unknown",
    }


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _told(*command: str) -> str:
    """What a program prints; `wrk -v` ends with an error."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def write(
    folder: Path, results: Sequence[Result], service: dict[str, float], peers: Peers, machine: dict[str, Any]
) -> Path:
    """Write everything that was measured as JSON; gives the file."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "machine": machine,
        "service": service,
        "peers": peers.facts(),
        "peers_left_out": peers.left_out,
        "scenarios": {
            result.scenario: {
                **_document(result),
                "floor_per_s": result.median("floor"),
                "share_of_floor": result.share,
                "peers": {peer.scenario: _document(peer) for peer in result.peers},
            }
            for result in results
        },
    }
    file = folder / "latest.json"
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def _document(rounds: Rounds) -> dict[str, Any]:
    return {
        "about": rounds.about,
        "requests_per_s": rounds.median("rate"),
        "p50_ms": rounds.median("p50"),
        "p99_ms": rounds.median("p99"),
        "cpu_us": rounds.median("cpu_us"),
        **rounds.notes,
        "rounds": [vars(figures) for figures in rounds.rounds],
    }
