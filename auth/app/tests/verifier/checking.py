"""A service of the cinema that checks tokens with `clients/python`, in step with the clock of the test."""

import asyncio
from datetime import timedelta
from typing import Any

from app.sessions.service_clients import create_client
from app.tests.support.service import Service
from cinema_auth import TokenInvalid, Verifier

A_SECOND = timedelta(seconds=1)

made: list[Verifier] = []  # to be closed at the end of the test


def make_verifier(url: str, **given: Any) -> Verifier:
    verifier = Verifier(url, **given)
    made.append(verifier)
    return verifier


async def credentials(service: Service) -> dict[str, Any]:
    """Those of a client that may ask by now."""
    made = await create_client(service.services.storage, "catalogue", at=service.clock.now())
    service.clock.advance(A_SECOND)
    return {"client_id": str(made.client.id), "client_secret": made.secret}


async def checking(service: Service, **changes: Any) -> Verifier:
    """A verifier without a thread: it asks when the test says so."""

    def now() -> float:
        return service.clock.now().timestamp()

    given = {**await credentials(service), "clock": now, "monotonic": now, **changes}
    return make_verifier(service.settings.public_url, **given)


async def refreshed(service: Service, **changes: Any) -> Verifier:
    """One that has asked."""
    verifier = await checking(service, **changes)
    await refresh(verifier)
    return verifier


async def refresh(verifier: Verifier) -> None:
    """In a thread of its own: the service runs in this one."""
    await asyncio.to_thread(verifier.refresh)


def opens(verifier: Verifier, token: Any) -> bool:
    """Whether a token is taken; any error but the one is a bug."""
    try:
        verifier.verify(token)
    except TokenInvalid:
        return False
    return True
