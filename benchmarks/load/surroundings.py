"""The service in production shape on loopback: PostgreSQL, Redis, offline social networks, two workers."""

import base64
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.settings import BASE_PATH, Settings
from app.tests.support.postgresql import FAST, PostgreSql
from app.tests.support.redis import RedisServer
from load.processes import Program, end, free_port, running
from load.wrk import Unexpected

HERE = Path(__file__).parents[1]
AUTH = HERE.parent / "auth"
ORIGIN = "https://auth.cinema.example"  # what stands in tokens and redirect addresses, whatever port is measured
WORKERS = 2
DATABASE_CONNECTIONS = 300  # of four services, the floor and three peers; most of them rest


@dataclass(kw_only=True)
class Surroundings:
    """What the measurements work with; all but `service` is started at first use.

    Attributes:
        environment: of the service.
        networks: what differs where the offline social networks are: production refuses them.
        client: a service client's id and secret as HTTP Basic has them.
    """

    folder: Path
    stack: ExitStack
    environment: Mapping[str, str]
    networks: Mapping[str, str]
    database: PostgreSql
    redis: RedisServer
    emulator: str
    service: Program
    client: str
    _others: dict[str, Program] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """Of a second door to the same stores."""
        return Settings.read({**self.environment, **self.networks})

    @property
    def limited(self) -> Program:
        """The same service with its rate limits on."""
        return self._other("limited", {"AUTH_RATE_LIMITS": "true"})

    @property
    def social(self) -> Program:
        """The same service with the offline social networks."""
        return self._other("social", self.networks)

    @property
    def alone(self) -> Program:
        """The same with one worker."""
        return self._other("alone", {**self.networks, "AUTH_WORKERS": "1"})

    def _other(self, name: str, variables: Mapping[str, str]) -> Program:
        if name not in self._others:
            served = serve(self.folder, {**self.environment, **variables}, name)
            self._others[name] = self.stack.enter_context(served)
        return self._others[name]

    @property
    def floor(self) -> Program:
        """The bare handlers of floor.py, with as many workers."""
        if "floor" not in self._others:
            self._others["floor"] = self.stack.enter_context(_floor(self.folder, self.environment))
        return self._others["floor"]

    def control(self, action: str, arguments: Mapping[str, object]) -> dict[str, str]:
        """Tell the offline social networks something."""
        body = json.dumps(arguments).encode()
        request = urllib.request.Request(
            f"{self.emulator}/control/{action}", data=body, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            told: dict[str, str] = json.load(answer)
            return told


@contextmanager
def prepared(folder: Path) -> Iterator[Surroundings]:
    """Bring everything up, and end all of it on leaving."""
    with ExitStack() as stack:
        database = stack.enter_context(PostgreSql.running(make_folder(folder / "postgresql")))
        for name in FAST:  # the tests' own haste: a commit here waits for the disk, as in production
            database.execute(database.address_of("postgres"), f"ALTER SYSTEM RESET {name}")
        database.execute(database.address_of("postgres"), f"ALTER SYSTEM SET max_connections = {DATABASE_CONNECTIONS}")
        database.stop()
        database.start()
        redis = stack.enter_context(RedisServer.running(folder / "redis"))
        emulator = stack.enter_context(_emulator(folder))
        environment = environment_of(folder, database.fresh_database(), redis.fresh_database())
        service = stack.enter_context(serve(folder, environment, "service"))
        yield Surroundings(
            folder=folder,
            stack=stack,
            environment=environment,
            networks=_networks(emulator),
            database=database,
            redis=redis,
            emulator=emulator,
            service=service,
            client=_make_client(environment),
        )


@contextmanager
def workplace() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="auth-bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def serve(folder: Path, environment: Mapping[str, str], name: str) -> AbstractContextManager[Program]:
    """The service in processes of its own, on a free port."""
    port = free_port()
    return running(
        [sys.executable, "-m", "app", "serve"],
        port=port,
        probe="/readyz",
        folder=AUTH,
        environment=dict(environment) | {"AUTH_PORT": str(port)},
        log=folder / f"{name}.log",
    )


def environment_of(folder: Path, database: str, redis: str) -> dict[str, str]:
    # Without byte code each start would compile a thousand modules anew; an image has them compiled.
    others = ("AUTH_", "PYTHONDONTWRITEBYTECODE")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return clean | {
        "AUTH_ENVIRONMENT": "production",
        "AUTH_DATA_DIR": str(make_folder(folder / "data")),
        "AUTH_DATABASE_URL": database,
        "AUTH_REDIS_URL": redis,
        "AUTH_PUBLIC_URL": ORIGIN,
        "AUTH_WORKERS": str(WORKERS),
        "AUTH_EMAIL_HOST": "127.0.0.1",
        "AUTH_EMAIL_PORT": "9",  # nobody is there: mail waits in the outbox
        "AUTH_EMAIL_FROM": "auth@cinema.example",
        "AUTH_RATE_LIMITS": "false",
        "AUTH_ANSWER_STEP": "0",
        "AUTH_ACCESS_TTL": "900",
        "AUTH_TRUSTED_PROXIES": "127.0.0.1",
        "AUTH_REQUIRE_CONFIRMED_EMAIL": "false",
    }


def _networks(emulator: str) -> dict[str, str]:
    command = [sys.executable, "-m", "emulator", "env", "--port", emulator.rpartition(":")[2]]
    told = subprocess.run(command, cwd=AUTH, check=True, capture_output=True, text=True).stdout
    variables = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
    return {**variables, "AUTH_ENVIRONMENT": "development", "AUTH_EMAIL_HOST": ""}


@contextmanager
def _emulator(folder: Path) -> Iterator[str]:
    port = free_port()
    options = ["serve", "--port", str(port), "--redirect-base", f"{ORIGIN}{BASE_PATH}/oauth/authorize"]
    child = subprocess.Popen(
        [sys.executable, "-m", "emulator", *options, "--exit-with-parent"],
        cwd=AUTH,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        if not child.stdout or not child.stdout.readline():
            raise SystemExit("the offline social networks do not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        end(child)


def _floor(folder: Path, environment: Mapping[str, str]) -> AbstractContextManager[Program]:
    port = free_port()
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    options += ["--port", str(port), "--workers", str(WORKERS)]
    stores = {"FLOOR_REDIS_URL": environment["AUTH_REDIS_URL"], "FLOOR_DATABASE_URL": environment["AUTH_DATABASE_URL"]}
    return running(
        [sys.executable, "-m", "uvicorn", "floor:app", "--app-dir", str(HERE), *options],
        port=port,
        probe="/ready",
        folder=AUTH,
        environment=dict(environment) | stores,
        log=folder / "floor.log",
    )


def _make_client(environment: Mapping[str, str]) -> str:
    command = [sys.executable, "-m", "app", "clients", "create", "bench"]
    made = subprocess.run(command, cwd=AUTH, env=dict(environment), capture_output=True, text=True, check=False)
    if made.returncode:
        raise Unexpected(made.stderr)
    told = dict(line.split() for line in made.stdout.splitlines())
    return base64.b64encode(f"{told['id']}:{told['secret']}".encode()).decode()


def make_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
