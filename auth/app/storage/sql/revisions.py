"""The migrations under `migrations/versions`, as Alembic sees them.

Imported where they are needed: Alembic costs a start 0.2 s, and the process 12 MB for good.
"""

from io import StringIO
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.ports.storage import Migration, SchemaUnknown


def pending_after(current: str | None) -> list[Migration]:
    """What is to be applied to a database of this revision, in its order.

    Raises:
        SchemaUnknown: no migration here is called so.
    """
    known = list(ScriptDirectory.from_config(_config()).walk_revisions())  # newest first
    names = [script.revision for script in known]
    if current is not None and current not in names:
        raise SchemaUnknown(f"the database was written by a newer version of this service (revision {current})")
    missing = known[: names.index(current)] if current else known
    return [Migration(revision=script.revision, title=script.doc) for script in reversed(missing)]


def upgrade(connection: Connection, current: str | None) -> None:
    """Apply the migrations after `current`; without one, all of them.

    Raises:
        SchemaUnknown: no migration here is called `current`.
    """
    pending_after(current)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def statements_after(current: str | None, *, dialect: str) -> str:
    """The SQL that `upgrade` would run."""
    if not pending_after(current):
        return ""
    output = StringIO()
    config = _config(output)
    config.attributes["dialect"] = dialect
    command.upgrade(config, f"{current or 'base'}:head", sql=True)
    return output.getvalue()


def _config(output: StringIO | None = None) -> Config:
    config = Config(output_buffer=output or StringIO())
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
