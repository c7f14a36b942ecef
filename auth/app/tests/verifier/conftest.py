"""What the tests of `clients/python` share."""

from collections.abc import Iterator

import pytest

from app.tests.support.service import Service
from app.tests.verifier.checking import made, refreshed
from cinema_auth import Verifier


@pytest.fixture(autouse=True)
def closing() -> Iterator[None]:
    """Leave no connection open, whatever became of the test."""
    yield
    while made:
        made.pop().close()


@pytest.fixture
async def verifier(service: Service) -> Verifier:
    return await refreshed(service)
