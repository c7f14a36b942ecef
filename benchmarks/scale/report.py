"""The figures for people and for programs."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console
from rich.table import Table

from load.report import number, tell
from load.result import Figures
from scale.measure import MEASURES
from scale.stores import Filled

FLAT = 1.3  # p50 at the largest size, measured in p50s at the smallest

Rounds = Sequence[Sequence[Figures]]
"""Of one measure: each round has one for each size."""

TABLES = {"p50": "p50 ms", "p99": "p99 ms", "cpu_us": "CPU µs of the workers"}


def medians(rounds: Rounds, name: str) -> list[float | None]:
    """One for each size."""
    found = [[getattr(figures, name) for figures in one_size] for one_size in zip(*rounds, strict=True)]
    return [None if None in values else statistics.median(values) for values in found]


def ratio(rounds: Rounds, name: str = "p50") -> float | None:
    """The largest size beside the smallest: the median of the rounds, for in a round they were measured together."""
    pairs = [(getattr(each[-1], name), getattr(each[0], name)) for each in rounds]
    found = [last / first for last, first in pairs if last and first]
    return statistics.median(found) if found else None


Blocks = Sequence[Mapping[str, float]]
"""For each size what `plans.count_blocks` found."""


def show(
    console: Console, found: Mapping[str, Rounds], blocks: Blocks, filled: Sequence[Filled], machine: dict[str, Any]
) -> None:
    """Print the tables."""
    for name, title in TABLES.items():
        table = _table(title, filled, "ratio")
        for measure, rounds in found.items():
            share = ratio(rounds, name)
            if share is not None:
                table.add_row(measure, *map(number, medians(rounds, name)), f"{share:.2f}")
        if table.row_count:
            console.print(table)
            console.print()
    table = _table("blocks of PostgreSQL", filled)
    for question in blocks[0]:
        table.add_row(question, *(number(each[question]) for each in blocks))
    console.print(table)
    console.print()
    for each in filled:
        tell(console, describe(each))
    where = f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']:.0f} GB of memory"
    tell(console, f"{where}, load {machine['load_at_start']:.1f} at the start; commit {machine['commit'][:12]}")


def _table(title: str, filled: Sequence[Filled], *further: str) -> Table:
    table = Table(title, *(f"{each.size:,}" for each in filled), *further, box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def describe(filled: Filled) -> str:
    database, redis = filled.database_bytes / 2**30, filled.redis_bytes / 2**30
    return (
        f"{filled.size:,} accounts: {database:.2f} GB in PostgreSQL, {redis:.2f} GB in Redis,"
        f" filled in {filled.seconds:,.0f} s"
    )


def write(
    folder: Path, found: Mapping[str, Rounds], blocks: Blocks, filled: Sequence[Filled], machine: dict[str, Any]
) -> Path:
    """Write everything that was measured as JSON; gives the file."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "machine": machine,
        "sizes": [asdict(each) | {"blocks": counts} for each, counts in zip(filled, blocks, strict=True)],
        "measures": {
            name: {
                "about": MEASURES[name].__doc__,
                **{f"{figure}_by_size": medians(rounds, figure) for figure in TABLES},
                "ratio": ratio(rounds),
                "rounds": [[vars(figures) for figures in each] for each in rounds],
            }
            for name, rounds in found.items()
        },
    }
    file = folder / "scale.json"
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def draw(folder: Path, found: Mapping[str, Rounds], filled: Sequence[Filled], machine: dict[str, Any]) -> Path:
    """Write p50 at each size as a picture, each measure beside its smallest size; gives the file."""
    groups = []
    for name, rounds in found.items():
        values = [value or 0 for value in medians(rounds, "p50")]
        bars = [
            {"size": f"{each.size:,}", "share": value / values[0], "text": f"{number(value)} ms"}
            for each, value in zip(filled, values, strict=True)
        ]
        groups.append({"name": name, "bars": bars, "ratio": f"{ratio(rounds):.2f}"})
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    subtitle = f"{machine['cpu']}, {machine['cores']} cores, {machine['workers']} workers, {machine['date'][:10]}"
    picture = templates.get_template("picture.svg.jinja").render(groups=groups, subtitle=subtitle, flat=FLAT)
    file = folder / "scale.svg"
    file.write_text(picture, encoding="utf-8")
    return file
