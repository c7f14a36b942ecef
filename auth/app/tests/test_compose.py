"""docker-compose.yml and the Dockerfile keep what operators rely on, and what makes them safe to start."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from asyncio.subprocess import PIPE
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml  # type: ignore[import-untyped]
from dotenv import dotenv_values

from app.cli.server import GRACE_SECONDS
from app.housekeeping import STOP_SECONDS
from app.settings import Secret, Settings, _names
from app.tests.support.clock import ManualClock
from app.tests.support.postgresql import PostgreSql
from app.tests.support.service import serving
from emulator.apps import environment

FOLDER = Path(__file__).parents[2]
CONTAINER = FOLDER / "container"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
# Of each stage: what it stands on, its name, its text.
STAGES = re.findall(r"^FROM (\S+) AS (\S+)\n(.*?)(?=^FROM|\Z)", DOCKERFILE, re.MULTILINE | re.DOTALL)
CONTRACT = {"auth", "auth-db", "auth-redis", "auth-tests"}

every_container = pytest.mark.parametrize("name", SERVICES)


def seconds(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([sm])", text).groups()  # type: ignore[union-attr]
    return int(number) * {"s": 1, "m": 60}[unit]


def user_of(service: dict[str, Any]) -> str:
    """As whom a container runs: by the compose file, else by the stage that its image is built from."""
    if "build" not in service:
        return str(service["user"])
    stages = {name: (base, text) for base, name, text in STAGES}
    base, text = stages[service["build"]["target"]]
    while "USER " not in text:
        base, text = stages[base]
    return str(re.findall(r"^USER (\S+)", text, re.MULTILINE)[-1])


def default(text: str) -> str:
    """What a value becomes where no variable is set."""
    return re.sub(r"\$\{\w+:?-([^${}]*)\}", r"\1", text)


def test_the_services_have_the_names_that_others_use() -> None:
    assert {name for name, service in SERVICES.items() if "profiles" not in service} == CONTRACT
    for name, service in SERVICES.items():
        assert service["container_name"] == name


@every_container
def test_a_container_can_do_no_more_than_it_needs(name: str) -> None:
    """HT-13."""
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert user_of(service).split(":")[0] not in {"", "root", "0"}


@every_container
def test_a_container_waits_for_nobody_and_is_restarted_unless_it_tests(name: str) -> None:
    """`up --no-deps` gives no order, so there must be no need for one."""
    assert "depends_on" not in SERVICES[name]
    assert SERVICES[name]["restart"] == ("no" if name == "auth-tests" else "unless-stopped")


def test_the_stores_are_reached_from_inside_alone() -> None:
    assert COMPOSE["networks"]["stores"]["internal"] is True
    for name in ("auth-db", "auth-redis", "auth-tests"):
        assert SERVICES[name]["networks"] == ["stores"]
        assert "ports" not in SERVICES[name]


@every_container
def test_a_port_is_open_to_this_machine_alone_unless_somebody_says_otherwise(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        address = port["host_ip"] if isinstance(port, dict) else port.split(":")[0]
        assert default(address) == "127.0.0.1"


def test_no_password_stands_in_what_is_published() -> None:
    """HT-06: each installation makes its own."""
    given = {variable for service in SERVICES.values() for variable in service.get("environment", {})}
    texts = [path.read_text(encoding="utf-8") for path in CONTAINER.iterdir()]

    assert not [variable for variable in given if "PASSWORD" in variable or "SECRET" in variable]
    assert not re.findall(r"://\w*:(?!%s@)[^@\s]+@", "\n".join([*texts, str(COMPOSE)]))


@pytest.mark.parametrize("name", ["auth", "auth-tests"])
def test_the_service_and_its_tests_are_configured_alike(name: str) -> None:
    known = {*_names(Settings, "")}
    variables = set(SERVICES[name]["environment"])

    assert {variable.removesuffix("_FILE") for variable in variables} <= known
    assert SERVICES[name]["environment"] == SERVICES["auth"]["environment"]
    assert SERVICES[name]["env_file"] == SERVICES["auth"]["env_file"]


def test_the_development_profile_leads_everything_to_what_it_brings() -> None:
    variables = dotenv_values(CONTAINER / "dev.env")
    options = dict(option.split("=", 1) for option in SERVICES["auth-emulator"]["command"] if "=" in option)
    files = [each["path"] for each in SERVICES["auth"]["env_file"]]

    assert environment(options["--public-url"]).items() <= variables.items()
    assert variables["AUTH_EMAIL_HOST"] in SERVICES
    assert files.index(".env") < len(files) - 1, "the last file goes before the others"
    Settings.read({name: value or "" for name, value in variables.items()})


def test_a_stop_leaves_the_service_the_time_that_it_takes() -> None:
    assert seconds(SERVICES["auth"]["stop_grace_period"]) > GRACE_SECONDS + STOP_SECONDS


def test_the_image_is_the_service_by_default() -> None:
    _, name, text = STAGES[-1]

    assert name == SERVICES["auth"]["build"]["target"]
    assert text.rstrip().endswith('CMD ["python", "-m", "app", "serve"]')


def test_every_package_in_the_image_comes_with_its_hash() -> None:
    installs = re.findall(r"pip(?: --python \S+)? install (.*)", DOCKERFILE)

    assert installs
    for line in installs:
        assert "--require-hashes" in line or "--no-index" in line, line


async def test_a_container_waits_for_the_files_of_its_settings(tmp_path: Path) -> None:
    address = tmp_path / "url"
    variables = {"AUTH_DATABASE_URL_FILE": str(address), "AUTH_REDIS_URL_FILE": "", "PATH": os.environ["PATH"]}
    command = [str(CONTAINER / "entrypoint"), "sh", "-c", 'cat "$AUTH_DATABASE_URL_FILE"']
    container = await asyncio.create_subprocess_exec(*command, env=variables, stdout=PIPE, stderr=PIPE)
    assert container.stderr is not None

    said = await container.stderr.readline()
    assert container.returncode is None
    address.write_text("postgresql://…", encoding="utf-8")
    output, _ = await container.communicate()

    assert said.decode() == f"Waiting for {address}, which AUTH_DATABASE_URL_FILE names.\n"
    assert output.decode() == "postgresql://…"


@pytest.mark.parametrize(("is_ready", "code"), [(True, 0), (False, 1)])
async def test_a_container_is_healthy_while_the_service_is_ready(
    is_ready: bool, code: int, tmp_path: Path, clock: ManualClock, postgresql: PostgreSql
) -> None:
    address = postgresql.fresh_database()
    async with serving(tmp_path, clock, database_url=Secret(address)) as service:
        if not is_ready:
            postgresql.drop(address)

        port = str(urlsplit(service.url).port)
        check = await asyncio.create_subprocess_exec(CONTAINER / "healthy", env={"AUTH_PORT": port})

        assert await check.wait() == code


async def test_a_container_without_a_service_is_not_healthy() -> None:
    check = await asyncio.create_subprocess_exec(CONTAINER / "healthy", env={"AUTH_PORT": "1"}, stderr=PIPE)

    await check.communicate()

    assert check.returncode == 1


def test_the_image_tells_what_it_is_made_of() -> None:
    """HT-13: each package of the lock file by its name and version."""
    told = json.loads(subprocess.run([sys.executable, CONTAINER / "sbom.py"], check=True, capture_output=True).stdout)

    addresses = {each["purl"] for each in told["components"]}
    assert told["bomFormat"] == "CycloneDX"
    assert f"pkg:pypi/litestar@{version('litestar')}" in addresses
    assert f"pkg:pypi/cinema-auth@{version('cinema-auth')}" in addresses
    assert any(each.startswith("pkg:deb/debian/libc6@") for each in addresses) == bool(shutil.which("dpkg-query"))
