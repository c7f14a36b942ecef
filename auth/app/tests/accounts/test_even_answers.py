"""EN-10: answers about addresses leave at even steps of time; how even is measured by `benchmarks/enumeration.py`."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.http.pace import Pace
from app.tests.support.clock import ManualClock
from app.tests.support.people import register, signed_in
from app.tests.support.service import serving
from app.tests.support.viewer import PASSWORD, Viewer

STEP = 0.4  # seconds; far more than any of these answers takes by itself

ASKED = {
    "register": ("/register", {"password": "seven quiet blue boats"}),
    "forgot": ("/password/forgot", {}),
    "resend": ("/email/confirm/resend", {}),
    "change e-mail": ("/me/email", {"current_password": PASSWORD}),
}


@pytest.fixture
async def held_back(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Viewer]:
    """Anna, signed in to a service whose answers leave every 0.4 seconds. It knows Boris, too."""
    steps = timedelta(seconds=STEP)
    async with (
        serving(tmp_path / "data", clock, answer_step=steps) as service,
        signed_in(service, "anna@example.ru") as anna,
    ):
        await register(service, "boris@example.ru")
        yield anna


@pytest.mark.parametrize(("path", "body"), ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("email", ["nobody@example.ru", "boris@example.ru"], ids=["unknown", "known"])
async def test_whoever_asks_about_an_address_waits_for_the_step(
    held_back: Viewer, path: str, body: dict[str, str], email: str
) -> None:
    clock = asyncio.get_running_loop()
    began = clock.time()

    answer = await held_back.post(path, {"email": email, **body})

    assert (answer.status, clock.time() - began >= STEP) == (202, True)


async def test_what_takes_longer_than_a_step_leaves_at_the_next() -> None:
    clock = asyncio.get_running_loop()
    pace = Pace(timedelta(seconds=0.05))
    began = clock.time()

    async with pace.even():
        await asyncio.sleep(0.06)

    assert clock.time() - began >= 0.1


async def test_an_error_leaves_at_once() -> None:
    """Else the pool of waiting answers would grow exactly when the service is in need."""
    async with asyncio.timeout(60):
        with pytest.raises(ZeroDivisionError):
            async with Pace(timedelta(days=1)).even():
                _ = 1 / 0
