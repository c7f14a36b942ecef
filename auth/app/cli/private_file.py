"""A file that nobody else may read, and that is there as a whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

import click


@contextmanager
def new_private_file(target: Path) -> Iterator[BinaryIO]:
    """Write beside the target, which is replaced at the end; after an error nothing is left."""
    if target.exists() and not target.is_file():
        raise click.FileError(str(target), "not a file that could be replaced")
    try:
        descriptor, name = mkstemp(dir=target.parent, prefix=f".{target.name}.")  # made with mode 0600
    except OSError as error:
        raise click.FileError(str(target), error.strerror) from None
    written = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        written.replace(target)
    finally:
        written.unlink(missing_ok=True)
