"""The rules of the house that a program can check by reading the source.

The order of the packages is import-linter's task (see pyproject.toml); here stands who may use which
library, the environment and the clock, and how long files and functions may grow.
"""

from pathlib import Path

import pytest

from app.tests.architecture import (
    CLIENT,
    MAX_FILE_LINES,
    MAX_FUNCTION_LINES,
    Source,
    long_files,
    long_functions,
    package,
    read_sources,
    transactions_that_cannot_run_again,
    uses,
)

ADAPTERS = ("app.storage.sql", "app.storage.redis", "app.storage.memory", "app.mail.smtp", "app.mail.transports")
CLOCK = (
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.time",
    "time.time_ns",
)
ENVIRONMENT = ("os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv", "os.unsetenv")
# `asyncio` stands for waiting in general: what decides or describes has nothing to wait for.
# fmt: off
INPUT_AND_OUTPUT = (
    "aiohttp", "aiosmtplib", "aiosqlite", "alembic", "anyio", "asyncio", "asyncpg", "flask", "http.client", "httpx",
    "litestar", "redis", "requests", "smtplib", "socket", "sqlalchemy", "sqlite3", "ssl", "subprocess",
    "urllib.request", "uvicorn",
)
# fmt: on
PURE = ("*.model", "*.errors", "app.errors", "*.linking", "*.ways_in", "*.provider", "*.providers", "*.providers.*")


@pytest.fixture(scope="module")
def app() -> list[Source]:
    return read_sources("app")


@pytest.fixture(scope="module")
def everything() -> list[Source]:
    return read_sources("app", tests=True) + read_sources("emulator", tests=True) + read_sources("", root=CLIENT)


def test_there_is_something_to_check(app: list[Source]) -> None:
    assert "app" in {source.module for source in app}


def test_only_bootstrap_chooses_adapters(app: list[Source]) -> None:
    for adapter in ADAPTERS:
        assert uses(app, [adapter], allowed=package("app.bootstrap", adapter)) == []


def test_only_the_sql_adapter_speaks_sql(app: list[Source]) -> None:
    assert uses(app, ["sqlalchemy", "alembic"], allowed=package("app.storage.sql")) == []


def test_only_the_redis_adapter_speaks_to_redis(app: list[Source]) -> None:
    assert uses(app, ["redis"], allowed=package("app.storage.redis")) == []


def test_only_the_edge_knows_the_web_framework(app: list[Source]) -> None:
    edge = [*package("app.main", "app.http", "app.development"), *package("*.routes", "*.schemas")]

    assert uses(app, ["litestar"], allowed=edge) == []


def test_only_the_settings_read_the_environment(app: list[Source]) -> None:
    assert uses(app, ENVIRONMENT, allowed=package("app.settings")) == []


def test_only_the_clock_tells_the_time(app: list[Source]) -> None:
    assert uses(app, CLOCK, allowed=["app.ports.clock"]) == []


def test_what_decides_and_describes_does_no_input_or_output(app: list[Source]) -> None:
    assert uses(app, INPUT_AND_OUTPUT, checked=PURE) == []


def test_the_service_does_not_know_the_emulator(app: list[Source]) -> None:
    assert uses(app, ["emulator"]) == []


def test_the_emulator_does_not_know_the_service() -> None:
    assert uses(read_sources("emulator", tests=True), ["app"]) == []


def test_the_client_knows_neither_and_needs_little() -> None:
    """Whoever installs it gets one library for signatures, and nothing that the service is made of."""
    from_elsewhere = ("app", "emulator", "aiohttp", "fastapi", "flask", "httpx", "litestar", "requests")
    client = read_sources("cinema_auth", root=CLIENT)

    assert len(client) >= 5
    assert uses(client, from_elsewhere) == []


def test_every_transaction_runs_again_when_another_one_is_in_the_way(app: list[Source]) -> None:
    """FS-17: `ports/conflicts.py` says how, and which functions can be run again."""
    assert transactions_that_cannot_run_again(app) == []


def test_a_file_fits_in_300_lines(everything: list[Source]) -> None:
    assert long_files(everything) == []


def test_a_function_fits_in_40_lines(app: list[Source]) -> None:
    assert long_functions(app + read_sources("emulator") + read_sources("cinema_auth", root=CLIENT)) == []


def sample(text: str, *, module: str = "app.accounts.login") -> list[Source]:
    return [Source(module=module, path=Path("sample.py"), text=text)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("redis", "import redis"),
        ("redis", "import redis.asyncio as store"),
        ("redis", "from redis.asyncio import Redis"),
        ("redis", "def connect():\n    from redis import Redis"),
        ("os.environ", "import os\nos.environ['HOME']"),
        ("os.getenv", "from os import getenv"),
        ("datetime.datetime.now", "import datetime as dt\ndt.datetime.now(dt.UTC)"),
        ("datetime.datetime.now", "from datetime import datetime\nclock = datetime.now"),
        ("datetime.date.today", "from datetime import date as day\nday.today()"),
        ("time.time", "import time\nasync def f() -> float:\n    return time.time()"),
        ("app.storage.sql", "from app.storage import sql"),
        ("app.storage.sql", "import app.storage.sql.users"),
        ("app.storage.sql", "from ..storage.sql import users"),
        ("app.accounts.model", "from . import model"),
        ("app.accounts.model", "from .model import User"),
    ],
)
def test_a_forbidden_name_is_found_however_it_is_spelt(name: str, text: str) -> None:
    assert uses(sample(text), [name])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("redis", "import redistribution"),
        ("http.client", "from http import HTTPStatus"),
        ("time.time", "import time\ntime.monotonic()"),
        ("datetime.datetime.now", "def f(clock):\n    return clock.now()"),
        ("os.environ", "environ = {}\nenviron['HOME']"),
    ],
)
def test_a_name_that_only_looks_alike_is_let_through(name: str, text: str) -> None:
    assert uses(sample(text), [name]) == []


def test_a_rule_lets_through_whom_it_allows_and_nobody_else() -> None:
    importing = [*sample("import redis", module="app.storage.redis.tokens"), *sample("import redis", module="app.main")]

    assert uses(importing, ["redis"], allowed=package("app.storage.redis")) == uses(importing[1:], ["redis"]) != []
    assert uses(importing, ["redis"], checked=["*.model"]) == []


def test_one_line_too_many_is_found() -> None:
    fits, grows = "\n" * MAX_FILE_LINES, "\n" * (MAX_FILE_LINES + 1)

    assert (long_files(sample(fits)), len(long_files(sample(grows)))) == ([], 1)


def test_one_line_too_many_in_a_function_is_found() -> None:
    fits = "async def f() -> None:\n" + "    pass\n" * (MAX_FUNCTION_LINES - 1)

    assert (long_functions(sample(fits)), len(long_functions(sample(fits + "    pass\n")))) == ([], 1)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("async with a.transaction() as tx:\n        await tx.b()\n    await c()", []),
        ("await c()\n    async with a.transaction() as tx:\n        await tx.b()", ["waits"]),
        ("async with a.transaction():\n        pass\n    async with a.transaction():\n        pass", ["holds"]),
        ("async def g():\n        async with a.transaction():\n            pass", ["is not decorated"]),
    ],
)
def test_a_transaction_that_cannot_run_again_is_found(text: str, problems: list[str]) -> None:
    found = transactions_that_cannot_run_again(sample(f"@rerun_on_conflict\nasync def f():\n    {text}\n"))

    assert [each.split(": ")[1][: len(problem)] for each, problem in zip(found, problems, strict=True)] == problems
