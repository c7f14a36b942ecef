"""`database`: the schema, looked at and upgraded by hand."""

from pathlib import Path

import pytest

from app.storage.sql.schema import HEAD
from app.tests.support.postgresql import PostgreSql
from app.tests.support.terminal import run

STATUS = ("app", "database", "status")
UPGRADE = ("app", "database", "upgrade")
NEWER = "UPDATE alembic_version SET version_num = '9999'"


@pytest.fixture
def url(postgresql: PostgreSql) -> str:
    return postgresql.fresh_database()


def tables(postgresql: PostgreSql, url: str) -> set[str]:
    return set(postgresql.execute(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'").split())


def test_an_empty_database_is_shown_upgraded_and_then_complete(
    postgresql: PostgreSql, url: str, tmp_path: Path
) -> None:
    before = run(tmp_path, *STATUS, AUTH_DATABASE_URL=url)
    made = run(tmp_path, *UPGRADE, AUTH_DATABASE_URL=url)
    after = run(tmp_path, *STATUS, AUTH_DATABASE_URL=url)

    assert (before.returncode, made.returncode, after.returncode) == (1, 0, 0)
    assert before.stdout.startswith("server    postgresql ")
    assert f"missing   {HEAD}  The first schema" in before.stdout
    assert made.stdout.endswith("done\n")
    assert f"revision  {HEAD}\nmissing   nothing\n" in after.stdout
    assert "users" in tables(postgresql, url)


def test_a_dry_run_prints_what_would_be_run_and_runs_nothing(postgresql: PostgreSql, url: str, tmp_path: Path) -> None:
    told = run(tmp_path, *UPGRADE, "--dry-run", AUTH_DATABASE_URL=url)
    untouched = tables(postgresql, url)
    postgresql.execute(url, told.stdout)

    assert (told.returncode, untouched) == (0, set())
    assert run(tmp_path, *STATUS, AUTH_DATABASE_URL=url).returncode == 0
    assert run(tmp_path, *UPGRADE, "--dry-run", AUTH_DATABASE_URL=url).stdout == "-- nothing to do\n"


def test_the_embedded_database_is_shown_and_upgraded_too(tmp_path: Path) -> None:
    embedded = {"AUTH_DATABASE_URL": "", "AUTH_REDIS_URL": ""}

    results = [run(tmp_path / "data", *command, **embedded) for command in (STATUS, UPGRADE, UPGRADE, STATUS)]

    assert [result.returncode for result in results] == [1, 0, 0, 0]
    assert results[3].stdout.startswith("server    sqlite ")


@pytest.mark.parametrize("command", [("app", "serve"), STATUS, UPGRADE, ("app", "check")], ids=" ".join)
def test_a_newer_schema_is_refused_in_one_line(
    command: tuple[str, ...], postgresql: PostgreSql, url: str, tmp_path: Path
) -> None:
    """FS-26."""
    run(tmp_path, *UPGRADE, AUTH_DATABASE_URL=url)
    postgresql.execute(url, NEWER)

    done = run(tmp_path, *command, AUTH_DATABASE_URL=url, AUTH_PORT="0")

    refusal = "Error: the database was written by a newer version of this service (revision 9999)\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", refusal)


def test_what_the_database_does_not_allow_is_told(postgresql: PostgreSql, url: str, tmp_path: Path) -> None:
    role = f"reader_{PostgreSql.name_of(url)}"
    postgresql.execute(url, f"CREATE ROLE {role} LOGIN")

    done = run(tmp_path, *UPGRADE, AUTH_DATABASE_URL=url.replace("postgres:@", f"{role}:@"))

    assert done.returncode == 1
    assert "permission denied for schema public" in done.stderr
    assert "Traceback" not in done.stderr
