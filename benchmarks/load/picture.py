"""The shares of the floors, and the rates beside those of the peers, as a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from load.report import number
from load.result import Result


def draw(folder: Path, results: Sequence[Result], machine: dict[str, Any]) -> Path:
    """Write the picture; gives the file."""
    subtitle = f"{machine['cpu']}, {machine['cores']} cores, {machine['workers']} workers, {machine['date'][:10]}"
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    picture = templates.get_template("picture.svg.jinja")
    file = folder / "latest.svg"
    file.write_text(picture.render(bars=_shares(results), peers=_rates(results), subtitle=subtitle), encoding="utf-8")
    return file


def _shares(results: Sequence[Result]) -> list[dict[str, Any]]:
    return [
        {
            "name": result.scenario,
            "share": result.share,
            "text": f"{result.share:.0%}  {number(result.median('rate'))} of {number(result.median('floor'))}",
        }
        for result in results
        if result.share is not None
    ]


def _rates(results: Sequence[Result]) -> list[dict[str, Any]]:
    """A bar for us and one for each peer; the fastest of a scenario is as long as there is room."""
    bars: list[dict[str, Any]] = []
    for result in results:
        rates = [(f"{result.scenario}, this service", result.median("rate") or 0, "", "ours")]
        rates += [
            (each.scenario, each.median("rate") or 0, f" (we: × {each.times:.1f})", "floor") for each in result.peers
        ]
        longest = max(rate for _, rate, _, _ in rates)
        if result.peers and longest:
            bars += [
                {"name": name, "share": rate / longest, "text": number(rate) + more, "kind": kind}
                for name, rate, more, kind in rates
            ]
    return bars
