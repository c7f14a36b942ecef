"""How far a long command is: drawn for people who look, nothing for scripts."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import fstat
from stat import S_ISREG
from typing import BinaryIO


@contextmanager
def watch(source: BinaryIO) -> Iterator[Callable[[int], None]]:
    """Show how much of a file has been read.

    Yields:
        What is to be called with the number of lines so far.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - only who looks waits for it
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.fields[lines]} lines"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=_size(source), lines=0)

        def tell(lines: int) -> None:
            progress.update(task, lines=lines, completed=source.tell() if progress.tasks[0].total else lines)

        yield tell


def _size(source: BinaryIO) -> int | None:
    """How long the file is; unknown of a pipe."""
    found = fstat(source.fileno())
    return found.st_size if S_ISREG(found.st_mode) else None
