"""What the documentation says is compared with the code, the Makefile and the files that it names."""

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pytest
from dotenv import dotenv_values

from app.cli import main as command_line
from app.errors import AppError
from app.http.permissions import Permission
from app.http.problems import MEDIA_TYPE
from app.main import describe_api
from app.settings import BASE_PATH, PREFIX, PROVIDERS, EmailSettings, ProviderSettings, Secret, Settings

ROOT = Path(__file__).parents[3]
ENV_EXAMPLE = ROOT / "auth" / ".env.example"
OPERATE = ROOT / "docs" / "operate.md"
READMES = [ROOT / "README.md", ROOT / "README.ru.md"]
PAGES = [*READMES, *sorted((ROOT / "docs").rglob("*.md")), ROOT / "clients" / "python" / "README.md"]
ANY_PROVIDER = "<PROVIDER>"
OUTSIDE_THE_API = {"/livez", "/readyz", "/.well-known/jwks.json", "/dev/mail"}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def own_settings() -> dict[str, str]:
    """The variables of the service itself with their defaults, as the documentation writes them."""
    settings = Settings()
    email = {
        f"{PREFIX}EMAIL_{each.name.upper().rstrip('_')}": _written(getattr(settings.email, each.name))
        for each in fields(EmailSettings)
    }
    return email | {
        PREFIX + each.name.upper(): _written(getattr(settings, each.name))
        for each in fields(Settings)
        if each.name not in (*PROVIDERS, "email")
    }


def provider_settings() -> dict[str, str]:
    """The variables that each provider has."""
    defaults = ProviderSettings()
    return {
        f"{PREFIX}{ANY_PROVIDER}_{each.name.upper()}": _written(getattr(defaults, each.name))
        for each in fields(ProviderSettings)
    }


def _written(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case timedelta():
            return f"{value.total_seconds():.15g}"
        case tuple():
            return ",".join(value)
        case Secret() | None:
            return ""
        case _:
            return str(value)


def documented_settings() -> dict[str, str]:
    """The first two cells of each row in the tables of docs/operate.md that begin with a variable."""
    rows = re.findall(rf"^\| `({PREFIX}[^`]+)` \|([^|]*)\|", OPERATE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: default.strip().strip("`") for name, default in rows}


def sample_settings() -> dict[str, str]:
    """The lines of .env.example with the comment signs taken away."""
    text = ENV_EXAMPLE.read_text(encoding="utf-8")
    uncommented = "\n".join(re.findall(rf"^#({PREFIX}[A-Z0-9_]+=.*)$", text, re.MULTILINE))
    return {name: value or "" for name, value in dotenv_values(stream=StringIO(uncommented)).items()}


def without_provider(name: str) -> str:
    return re.sub(rf"^{PREFIX}({'|'.join(PROVIDERS).upper()})_", f"{PREFIX}{ANY_PROVIDER}_", name)


def test_operate_lists_every_setting_and_no_other() -> None:
    assert set(documented_settings()) == {*own_settings(), *provider_settings()}


def test_operate_tells_the_defaults_of_the_code() -> None:
    told = documented_settings()

    in_code = own_settings() | provider_settings() | {"AUTH_HASH_THREADS": "one per core"}

    assert told == in_code


def test_the_sample_file_names_every_setting_and_no_other() -> None:
    assert {without_provider(name) for name in sample_settings()} == {*own_settings(), *provider_settings()}


def test_the_sample_file_changes_nothing_when_it_is_copied_unchanged() -> None:
    values = dotenv_values(ENV_EXAMPLE)

    assert not values
    assert Settings.read({}) == Settings()


def test_every_sample_value_can_be_used() -> None:
    Settings.read(sample_settings())


def test_operate_lists_every_permission_and_no_other() -> None:
    [table] = re.findall(r"^\| Permission \|.*\n((?:\|.*\n)+)", OPERATE.read_text(encoding="utf-8"), re.MULTILINE)
    told = re.findall(r"^\| `([a-z.]+)` \|", table, re.MULTILINE)

    assert told == [*Permission]


def links_of(page: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)
    yield from re.findall(r'<img src="([^"]+)"', text)


def anchors_of(page: Path) -> set[str]:
    """The headings as GitHub makes anchors of them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@every_page
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in links_of(page):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


@every_page
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    named = re.findall(r"(?:^|`|=\S+ )make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)

    assert set(named) <= targets


@every_page
def test_every_command_that_is_named_exists(page: Path) -> None:
    for words in re.findall(r"(?:python -m app|flask)((?: [a-z]+)+)", page.read_text(encoding="utf-8")):
        command: click.Command = command_line
        for word in words.split():
            if isinstance(command, click.Group):
                assert word in command.commands, words
                command = command.commands[word]


def codes_told_in(page: Path) -> set[str]:
    """The first cells of the tables whose first column is `Code`."""
    tables = re.findall(r"^\| Code \|.*\n(?:\|.*\n)+", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {code for table in tables for code in re.findall(r"^\| `([a-z-]+)`", table, re.MULTILINE)}


@every_page
def test_every_problem_code_that_is_named_exists(page: Path) -> None:
    assert codes_told_in(page) <= set(AppError.catalogue)


@every_page
def test_every_route_that_is_named_exists(page: Path) -> None:
    paths: dict[str, dict[str, Any]] = describe_api(Settings())["paths"]

    named = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^\s`?]*)", page.read_text(encoding="utf-8"))

    for method, path in named:
        known = paths.get(BASE_PATH + path.removeprefix(BASE_PATH), {})
        assert method.lower() in known or path in OUTSIDE_THE_API, f"{method} {path}"


def test_the_front_end_page_explains_every_problem_of_the_api() -> None:
    answers = [
        answer
        for operations in describe_api(Settings())["paths"].values()
        for operation in operations.values()
        for status, answer in operation["responses"].items()
        if int(status) >= 400
    ]
    problems = [each["content"][MEDIA_TYPE] for each in answers if MEDIA_TYPE in each["content"]]
    codes = {code for each in problems for code in each["examples"]}

    assert codes <= codes_told_in(ROOT / "docs" / "frontend.md")


def test_both_readmes_show_the_same_commands() -> None:
    english, russian = ([_commands(block) for block in _blocks(page)] for page in READMES)

    assert english == russian


def _blocks(page: Path) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def _commands(block: str) -> list[str]:
    """The lines without comments, which are translated."""
    lines = (line.split("  #")[0].rstrip() for line in block.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
