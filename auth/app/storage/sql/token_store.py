"""The moving state of sessions in SQL, for an installation without Redis."""

from collections.abc import Collection
from datetime import datetime, timedelta
from operator import index
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.errors import TemporarilyUnavailable
from app.ports.conflicts import rerun_on_conflict
from app.ports.tokens import EndedSession, Rotation, RotationOutcome, TokenState, decide_rotation
from app.storage.sql.begin import begin
from app.storage.sql.tables import sessions, token_roles, token_states


class SqlTokenStore:
    """`ports.tokens.TokenStore`: each verb is one transaction that locks the one row it speaks of."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @rerun_on_conflict
    async def start(self, state: TokenState) -> None:
        async with begin(self._engine) as connection:
            await _put_roles(connection, state.user_id, state.roles, state.roles_version)
            if await _lock(connection, state.session_id) is None:
                await connection.execute(insert(token_states).values(_values(state)))

    @rerun_on_conflict
    async def rotate(
        self, user_id: UUID, session_id: UUID, presented: int, *, now: datetime, window: timedelta
    ) -> Rotation:
        async with begin(self._engine) as connection:
            state = await _lock(connection, session_id)
            if state is None:
                return Rotation(outcome=RotationOutcome.UNKNOWN)
            rotation = decide_rotation(state, presented, now=now, window=window)
            if rotation.state is not None and rotation.state != state:
                await connection.execute(
                    update(token_states).where(token_states.c.session_id == session_id).values(_values(rotation.state))
                )
            return rotation

    @rerun_on_conflict
    async def find(self, user_id: UUID, session_id: UUID) -> TokenState | None:
        async with begin(self._engine) as connection:
            return await _read(connection, _state_of(session_id))

    @rerun_on_conflict
    async def end(self, sessions: Collection[EndedSession]) -> None:
        async with begin(self._engine) as connection:
            # In one order, so that two who end the same ones cannot deadlock.
            for session in sorted(sessions, key=lambda each: each.session_id):
                if await _lock(connection, session.session_id) is None:
                    await _put_roles(connection, session.user_id, (), 0)
                    await connection.execute(insert(token_states).values(_values(_mark_of_an_end(session))))
            known = token_states.c.session_id.in_([each.session_id for each in sessions])
            await connection.execute(update(token_states).where(known).values(ended=True))

    @rerun_on_conflict
    async def set_roles(self, user_id: UUID, roles: tuple[str, ...], *, version: int) -> None:
        async with begin(self._engine) as connection:
            await _put_roles(connection, user_id, roles, version)


async def _put_roles(connection: AsyncConnection, user_id: UUID, roles: tuple[str, ...], version: int) -> None:
    """Write the roles of an account unless newer ones are there."""
    theirs = token_roles.c.user_id == user_id
    known = await connection.scalar(select(token_roles.c.roles_version).where(theirs).with_for_update())
    values = {"roles": list(roles), "roles_version": version}
    if known is None:
        await connection.execute(insert(token_roles).values(user_id=user_id, **values))
    elif known < version:
        await connection.execute(update(token_roles).where(theirs).values(values))


def _mark_of_an_end(session: EndedSession) -> TokenState:
    """The end of a session that was not known here, kept until no token of it could be valid."""
    return TokenState(
        session_id=session.session_id,
        user_id=session.user_id,
        generation=0,
        rotated_at=session.expires_at,
        expires_at=session.expires_at,
        roles=(),
        ended=True,
    )


def _state_of(session_id: UUID) -> Select[Any]:
    return (
        select(token_states, sessions.c.ended_at, token_roles.c.roles, token_roles.c.roles_version)
        .join(token_roles, token_roles.c.user_id == token_states.c.user_id)
        .outerjoin(sessions, sessions.c.id == token_states.c.session_id)
        .where(token_states.c.session_id == session_id)
    )


async def _lock(connection: AsyncConnection, session_id: UUID) -> TokenState | None:
    return await _read(connection, _state_of(session_id).with_for_update(of=token_states))


async def _read(connection: AsyncConnection, statement: Select[Any]) -> TokenState | None:
    try:
        row = (await connection.execute(statement)).mappings().one_or_none()
        if row is None:
            return None
        found = {**row, "generation": index(row["generation"]), "roles": tuple(row["roles"])}
        if found.pop("ended_at") is not None:  # a crash came between the end of the session and that of its state
            found["ended"] = True
        return TokenState(**found)
    except (ValueError, TypeError) as error:  # a row that cannot be read allows nothing
        raise TemporarilyUnavailable from error


def _values(state: TokenState) -> dict[str, object]:
    return {
        "session_id": state.session_id,
        "user_id": state.user_id,
        "generation": state.generation,
        "rotated_at": state.rotated_at,
        "expires_at": state.expires_at,
        "ended": state.ended,
    }
