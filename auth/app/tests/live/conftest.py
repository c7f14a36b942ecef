"""Tests of a running service, from outside: `pytest app/tests/live --service-url=http://auth:8000`.

They talk HTTP to it, and use its stores by the same AUTH_… variables only to make accounts and to remove them.
Without the option they start a service of their own.
"""

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from app.bootstrap import open_services
from app.settings import Settings
from app.tests.live.people import People
from app.tests.live.target import Target, wait_until_ready
from app.tests.support.viewer import Viewer


def pytest_addoption(parser: pytest.Parser) -> None:
    help_text = "Address of the running service to test; without it the tests start one of their own."
    parser.addoption("--service-url", help=help_text)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Wait for the service before the first test: no test's own time goes by."""
    url = _service_url(session.config)
    if not url:
        return
    capture: Any = session.config.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled():  # who looks on should see what is waited for
        try:
            wait_until_ready(url)
        except TimeoutError as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.TESTS_FAILED)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, openly, what this installation cannot be asked."""
    url = _service_url(config)
    target = Target(url=url, settings=Settings.read() if url else Settings(), variables={})
    missing = set() if target.catcher else {"caught"}
    if url and not target.emulator:  # a service of our own has one
        missing.add("emulated")
    left_out = [item for item in items if missing & {marker.name for marker in item.iter_markers()}]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _service_url(config: pytest.Config) -> str:
    """The option; it is unknown where this folder was not named on the command line."""
    return str(config.getoption("--service-url", None) or "").rstrip("/")


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The service under test."""
    url = _service_url(request.config)
    if url:
        yield Target(url=url, settings=Settings.read(), variables=os.environ)
        return
    from app.tests.live.own import own_service  # noqa: PLC0415 - needs more than a running service does

    with own_service(tmp_path_factory.mktemp("live")) as target:
        yield target


@pytest.fixture
async def people(target: Target) -> AsyncIterator[People]:
    """Whoever uses the service; nothing of them is left afterwards."""
    async with open_services(target.settings) as services:
        found = People(services, target.api)
        await found.forgive_counted(target.own_address)
        yield found
        await found.remove_all()


@pytest.fixture
async def visitor(people: People) -> AsyncIterator[Viewer]:
    """Somebody without an account."""
    async with people.visitor() as viewer:
        yield viewer


@pytest.fixture
async def anna(people: People) -> AsyncIterator[Viewer]:
    """Anna, who is signed in."""
    async with people.signed_in() as viewer:
        yield viewer
