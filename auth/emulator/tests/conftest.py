"""A running emulator and a client in the place of the Auth service."""

from collections.abc import AsyncIterator

import pytest

from emulator import Emulator
from emulator.tests.client import Client

REDIRECT_BASE = "http://cinema.test/auth/api/v1/oauth/authorize"


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """All four providers on a free port."""
    async with Emulator(redirect_base=REDIRECT_BASE) as running:
        yield running


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    """An HTTP client that knows the addresses and the credentials, and follows no redirect."""
    async with Client(emulator.environment(), REDIRECT_BASE) as ready:
        yield ready
