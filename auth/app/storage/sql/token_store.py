"""The moving state of sessions in SQL, for an installation without Redis."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from operator import index
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.errors import TemporarilyUnavailable
from app.ports.storage import UniqueViolation
from app.ports.tokens import Rotation, RotationOutcome, TokenState, decide_rotation
from app.storage.sql.storage import translated_errors
from app.storage.sql.tables import token_states

NOBODY = UUID(int=0)  # the owner of a mark that was set before its session was known here


class SqlTokenStore:
    """`ports.tokens.TokenStore`: each verb is one transaction that locks the one row it speaks of."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def start(self, state: TokenState) -> None:
        async with translated_errors():
            try:
                async with self._engine.begin() as connection:
                    if await self._lock(connection, state.session_id) is None:
                        await connection.execute(insert(token_states).values(_values(state)))
            except IntegrityError:
                return  # somebody else has started it in this very moment

    async def rotate(self, session_id: UUID, presented: int, *, now: datetime, window: timedelta) -> Rotation:
        async with translated_errors(), self._engine.begin() as connection:
            state = await self._lock(connection, session_id)
            if state is None:
                return Rotation(outcome=RotationOutcome.UNKNOWN)
            rotation = decide_rotation(state, presented, now=now, window=window)
            if rotation.state is not None and rotation.state != state:
                await connection.execute(
                    update(token_states).where(token_states.c.session_id == session_id).values(_values(rotation.state))
                )
            return rotation

    async def find(self, session_id: UUID) -> TokenState | None:
        async with translated_errors(), self._engine.connect() as connection:
            statement = select(token_states).where(token_states.c.session_id == session_id)
            return await _read(connection, statement)

    async def end(self, sessions: Mapping[UUID, datetime]) -> None:
        try:
            await self._end(sessions)
        except UniqueViolation:  # one of them was started in this very moment: now it is found
            await self._end(sessions)

    async def _end(self, sessions: Mapping[UUID, datetime]) -> None:
        async with translated_errors(), self._engine.begin() as connection:
            for session_id in sorted(sessions):  # in one order, so that two who end the same ones cannot deadlock
                if await self._lock(connection, session_id) is None:
                    mark = _mark_of_an_end(session_id, sessions[session_id])
                    await connection.execute(insert(token_states).values(_values(mark)))
            known = token_states.c.session_id.in_(sessions)
            await connection.execute(update(token_states).where(known).values(ended=True))

    async def set_roles(self, user_id: UUID, roles: tuple[str, ...]) -> None:
        async with translated_errors(), self._engine.begin() as connection:
            theirs = token_states.c.user_id == user_id
            await connection.execute(update(token_states).where(theirs).values(roles=list(roles)))

    async def _lock(self, connection: AsyncConnection, session_id: UUID) -> TokenState | None:
        statement = select(token_states).where(token_states.c.session_id == session_id).with_for_update()
        return await _read(connection, statement)


def _mark_of_an_end(session_id: UUID, expires_at: datetime) -> TokenState:
    """The end of a session that was not known here, kept until no token of it could be valid."""
    return TokenState(
        session_id=session_id,
        user_id=NOBODY,
        generation=0,
        rotated_at=expires_at,
        expires_at=expires_at,
        roles=(),
        ended=True,
    )


async def _read(connection: AsyncConnection, statement: Select[Any]) -> TokenState | None:
    try:
        row = (await connection.execute(statement)).mappings().one_or_none()
        return (
            TokenState(**{**row, "generation": index(row["generation"]), "roles": tuple(row["roles"])}) if row else None
        )
    except (ValueError, TypeError) as error:  # a row that cannot be read allows nothing
        raise TemporarilyUnavailable from error


def _values(state: TokenState) -> dict[str, object]:
    return {
        "session_id": state.session_id,
        "user_id": state.user_id,
        "generation": state.generation,
        "rotated_at": state.rotated_at,
        "expires_at": state.expires_at,
        "roles": list(state.roles),
        "ended": state.ended,
    }
