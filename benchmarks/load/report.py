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

from load.result import Result
from load.surroundings import HERE, WORKERS

PACKAGES = ("litestar", "uvicorn", "uvloop", "redis", "sqlalchemy", "asyncpg", "joserfc", "cryptography", "argon2-cffi")


def show(console: Console, results: Sequence[Result], service: dict[str, float], machine: dict[str, Any]) -> None:
    """Print the tables."""
    columns = ("requests/s", "p50 ms", "p99 ms", "CPU µs", "floor /s", "of floor")
    table = Table("scenario", *columns, box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for result in results:
        cells = [result.median(name) for name in ("rate", "p50", "p99", "cpu_us", "floor")]
        share = f"{result.share:.0%}" if result.share else "–"
        table.add_row(result.scenario, *(number(cell) for cell in cells), share)
    console.print(table)
    for result in results:
        if result.notes:
            tell(console, f"{result.scenario}: {_list(result.notes)}")
    tell(console, _list(service))
    where = f"{machine['cpu']}, {machine['cores']} cores, load {machine['load_at_start']:.1f} at the start"
    tell(console, f"{where}; Python {machine['python']}, commit {machine['commit'][:12]}")


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


def write(folder: Path, results: Sequence[Result], service: dict[str, float], machine: dict[str, Any]) -> Path:
    """Write everything that was measured as JSON; gives the file."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "machine": machine,
        "service": service,
        "scenarios": {
            result.scenario: {
                "about": result.about,
                "requests_per_s": result.median("rate"),
                "p50_ms": result.median("p50"),
                "p99_ms": result.median("p99"),
                "cpu_us": result.median("cpu_us"),
                "floor_per_s": result.median("floor"),
                "share_of_floor": result.share,
                **result.notes,
                "rounds": [vars(figures) for figures in result.rounds],
            }
            for result in results
        },
    }
    file = folder / "latest.json"
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return file
