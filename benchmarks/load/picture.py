"""The shares of the floors as a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from load.report import number
from load.result import Result


def draw(folder: Path, results: Sequence[Result], machine: dict[str, Any]) -> Path:
    """Write the picture; gives the file."""
    bars = [
        {
            "name": result.scenario,
            "share": result.share,
            "text": f"{result.share:.0%}  {number(result.median('rate'))} of {number(result.median('floor'))}",
        }
        for result in results
        if result.share is not None
    ]
    subtitle = f"{machine['cpu']}, {machine['cores']} cores, {machine['workers']} workers, {machine['date'][:10]}"
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    file = folder / "latest.svg"
    file.write_text(templates.get_template("picture.svg.jinja").render(bars=bars, subtitle=subtitle), encoding="utf-8")
    return file
