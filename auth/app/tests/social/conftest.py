"""Scenes: one for each test that moves time or counts everybody, one a module for the others."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from app.tests.social.scene import Scene, open_scene


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """A service that nobody has ever used."""
    async with open_scene(tmp_path / "data") as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path_factory.mktemp("data")) as opened:
        yield opened


@pytest.fixture
def shared(module_scene: Scene) -> Scene:
    """A service that other tests of the module use as well: everybody in it is a newcomer, time stands still."""
    module_scene.emulator.reset()
    return module_scene
