"""Where a person is signed in, and what has happened at the door."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.http.paging import Page, PageRequest
from app.http.principal import Principal
from app.ports.conflicts import rerun_on_conflict
from app.sessions.device import describe_device
from app.sessions.model import LoginEvent, Session
from app.sessions.services import SessionServices


@dataclass(frozen=True, kw_only=True)
class Device:
    """One sign-in that still holds.

    Attributes:
        device: program and system in words; empty when the user agent tells neither.
        last_used_at: of the last refresh, or of the sign-in.
        current: whether the caller asks from it.
    """

    session: Session
    device: str
    last_used_at: datetime
    current: bool


@rerun_on_conflict
async def list_sessions(services: SessionServices, principal: Principal, page: PageRequest) -> Page[Device]:
    """The person's devices, newest sign-in first."""
    before, now = page.after(UUID), services.clock.now()
    async with services.storage.reading() as tx:
        found = await tx.sessions.page(principal.user_id, at=now, limit=page.wanted, before=before)
    shown = page.cut(found, key=lambda each: each.id)
    devices = await asyncio.gather(*(_device(services, each, principal) for each in shown.items))
    return Page(items=devices, next_cursor=shown.next_cursor)


@rerun_on_conflict
async def list_logins(services: SessionServices, user_id: UUID, page: PageRequest) -> Page[LoginEvent]:
    """The account's login history, newest first: successes, failures, and what changed the account."""
    before = page.after(UUID)
    async with services.storage.reading() as tx:
        found = await tx.history.of_user(user_id, limit=page.wanted, before=before)
    return page.cut(found, key=lambda each: each.id)


async def _device(services: SessionServices, session: Session, principal: Principal) -> Device:
    state = await services.tokens.find(session.user_id, session.id)
    return Device(
        session=session,
        device=describe_device(session.client.user_agent),
        last_used_at=state.rotated_at if state else session.created_at,
        current=session.id == principal.session_id,
    )
