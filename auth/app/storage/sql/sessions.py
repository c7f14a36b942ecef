"""Sessions, the login history and signing keys in SQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BindParameter,
    Insert,
    Integer,
    Row,
    Select,
    Table,
    Uuid,
    bindparam,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.http.client import Client
from app.sessions.keys import KeyUse, SigningKey
from app.sessions.model import Appearance, EndReason, LoginEvent, LoginOutcome, Session, SessionEnd, SignInMethod
from app.storage.sql.roles import NAMES_AND_VERSION, names_and_version
from app.storage.sql.tables import login_history, sessions, signing_keys, users

KEYS_LOCK = 0x6B657973  # "keys": there may be no row yet that could be locked


def _insert(table: Table) -> Insert:
    """Its values bear the table's name: two of these make one statement."""
    return insert(table).values(_values_of(table))


def _insert_for(table: Table, owner: CTE) -> Insert:
    """The same, if there is an owner."""
    values = _values_of(table)
    return insert(table).from_select([*values], select(*values.values()).select_from(owner))


def _values_of(table: Table) -> dict[str, BindParameter[Any]]:
    return {each.name: bindparam(f"{table.name}_{each.name}", type_=each.type) for each in table.columns}


# What every sign-in asks is put together once.
_ADD_SESSION, _ADD_EVENT = _insert(sessions), _insert(login_history)
_BEGIN = NAMES_AND_VERSION.add_cte(_ADD_SESSION.cte("opened"), _ADD_EVENT.cte("noted"))
_MAY_ENTER = (users.c.password_hash == bindparam("password_hash")) & users.c.blocked_at.is_(None)
_OWNER_BY_PASSWORD = (
    select(users.c.id).where(users.c.id == bindparam("holder"), _MAY_ENTER).with_for_update().cte("owner")
)
# Roles and their version are both of the moment at which the statement began: a change for which the lock had to wait
# has the greater version, and that counts.
_BEGIN_BY_PASSWORD = NAMES_AND_VERSION.where(users.c.id == _OWNER_BY_PASSWORD.c.id).add_cte(
    _insert_for(sessions, _OWNER_BY_PASSWORD).cte("opened"), _insert_for(login_history, _OWNER_BY_PASSWORD).cte("noted")
)
_LAST_ID = UUID(int=2**128 - 1)


# By the index, however many lines an account has. Most have few, so PostgreSQL would rather sort all that one has, and
# it may have a million; of a span whose ends it learns late it expects many.
_OWNER = select(bindparam("owner", type_=Uuid)).scalar_subquery()
_OLDER = tuple_(login_history.c.user_id, login_history.c.id) < tuple_(_OWNER, bindparam("before", _LAST_ID, type_=Uuid))
_NEWEST = (
    select(login_history)
    .where(login_history.c.user_id >= _OWNER, _OLDER)
    .order_by(login_history.c.user_id.desc(), login_history.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_LATELY = _NEWEST.subquery()
_SIGNED_IN = _LATELY.c.outcome == LoginOutcome.SUCCEEDED.value
_APPEARANCES = select(
    _LATELY.c.address,
    _LATELY.c.user_agent,
    _SIGNED_IN.label("signed_in"),
    func.count().label("lines"),
    func.max(_LATELY.c.at).label("at"),
).group_by(_LATELY.c.address, _LATELY.c.user_agent, _SIGNED_IN)


class SqlSessions:
    """`sessions.repository.Sessions`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def begin(self, session: Session, event: LoginEvent) -> tuple[tuple[str, ...], int]:
        opened, noted, holder = _session_values(session), _event_values(event), {"holder": session.user_id}
        if self._connection.dialect.name == "postgresql":
            return names_and_version((await self._connection.execute(_BEGIN, opened | noted | holder)).all())
        await self._connection.execute(_ADD_SESSION, opened)
        await self._connection.execute(_ADD_EVENT, noted)
        return names_and_version((await self._connection.execute(NAMES_AND_VERSION, holder)).all())

    async def begin_by_password(
        self, session: Session, event: LoginEvent, *, password_hash: str
    ) -> tuple[tuple[str, ...], int] | None:
        owner = {"holder": session.user_id, "password_hash": password_hash}
        if self._connection.dialect.name == "postgresql":
            values = _session_values(session) | _event_values(event) | owner
            rows = (await self._connection.execute(_BEGIN_BY_PASSWORD, values)).all()
            return names_and_version(rows) if rows else None
        if await self._connection.scalar(select(_OWNER_BY_PASSWORD), owner) is None:
            return None
        return await self.begin(session, event)

    async def get(self, session_id: UUID) -> Session | None:
        row = (await self._connection.execute(select(sessions).where(sessions.c.id == session_id))).one_or_none()
        return _session(row) if row else None

    async def open_of(self, user_id: UUID, *, at: datetime) -> Sequence[Session]:
        return [_session(row) for row in await self._connection.execute(_open(user_id, at))]

    async def page(self, user_id: UUID, *, at: datetime, limit: int, before: UUID | None = None) -> Sequence[Session]:
        statement = _open(user_id, at).limit(limit)
        if before is not None:
            statement = statement.where(sessions.c.id < before)
        return [_session(row) for row in await self._connection.execute(statement)]

    async def recent_of(self, user_id: UUID, *, at: datetime, ended_since: datetime) -> Sequence[Session]:
        recent = sessions.c.ended_at.is_(None) | (sessions.c.ended_at >= ended_since)
        statement = select(sessions).where(sessions.c.user_id == user_id, recent, sessions.c.expires_at > at)
        return [_session(row) for row in await self._connection.execute(statement)]

    async def ended_since(
        self, moment: datetime, *, after: UUID | None, alive_at: datetime, limit: int
    ) -> Sequence[Session]:
        statement = _ended_since(select(sessions), moment, after).where(sessions.c.expires_at > alive_at)
        return [_session(row) for row in await self._connection.execute(statement.limit(limit))]

    async def ends_since(self, moment: datetime, *, after: UUID | None, limit: int) -> Sequence[SessionEnd]:
        statement = _ended_since(select(sessions.c.id, sessions.c.ended_at), moment, after).limit(limit)
        rows = await self._connection.execute(statement)
        return [SessionEnd(session_id=session_id, ended_at=ended_at) for session_id, ended_at in rows]

    async def end(self, session_ids: Collection[UUID], *, at: datetime, reason: EndReason) -> int:
        if not session_ids:
            return 0
        chosen = sessions.c.id.in_(session_ids) & sessions.c.ended_at.is_(None)
        changes = {"ended_at": at, "end_reason": reason.value}
        return (await self._connection.execute(update(sessions).where(chosen).values(changes))).rowcount


def _ended_since(chosen: Select[Any], moment: datetime, after: UUID | None) -> Select[Any]:
    ended = sessions.c.ended_at
    later = ended >= moment if after is None else (ended > moment) | ((ended == moment) & (sessions.c.id > after))
    return chosen.where(ended >= moment, later).order_by(ended, sessions.c.id)


def _open(user_id: UUID, at: datetime) -> Select[Any]:
    living = sessions.c.ended_at.is_(None) & (sessions.c.expires_at > at)
    return select(sessions).where(sessions.c.user_id == user_id, living).order_by(sessions.c.id.desc())


class SqlLoginHistory:
    """`sessions.repository.LoginHistory`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, event: LoginEvent) -> None:
        await self._connection.execute(_ADD_EVENT, _event_values(event))

    async def of_user(self, user_id: UUID, *, limit: int, before: UUID | None = None) -> Sequence[LoginEvent]:
        values = {"owner": user_id, "before": before or _LAST_ID, "most": limit}
        return [_event(row) for row in await self._connection.execute(_NEWEST, values)]

    async def appearances(self, user_id: UUID, *, limit: int) -> Sequence[Appearance]:
        rows = await self._connection.execute(_APPEARANCES, {"owner": user_id, "most": limit})
        return [_appearance(row) for row in rows]


class SqlSigningKeys:
    """`sessions.repository.SigningKeys`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self) -> None:
        if self._connection.dialect.name == "postgresql":  # SQLite's transaction is the only writer anyway
            await self._connection.execute(select(func.pg_advisory_xact_lock(KEYS_LOCK)))

    async def all(self) -> Sequence[SigningKey]:
        rows = await self._connection.execute(select(signing_keys).order_by(signing_keys.c.activates_at))
        return [SigningKey(**{**row, "use": KeyUse(row["use"])}) for row in rows.mappings()]

    async def add(self, key: SigningKey) -> None:
        values = {
            "key_id": key.key_id,
            "use": key.use.value,
            "algorithm": key.algorithm,
            "private_jwk": key.private_jwk,
            "activates_at": key.activates_at,
            "retires_at": key.retires_at,
        }
        await self._connection.execute(insert(signing_keys).values(values))

    async def retire(self, key_id: str, at: datetime) -> None:
        chosen = signing_keys.c.key_id == key_id
        await self._connection.execute(update(signing_keys).where(chosen).values(retires_at=at))


def _session_values(session: Session) -> dict[str, object]:
    return {
        "sessions_id": session.id,
        "sessions_user_id": session.user_id,
        "sessions_method": session.method.value,
        "sessions_social": session.social,
        "sessions_address": session.client.address,
        "sessions_user_agent": session.client.user_agent,
        "sessions_created_at": session.created_at,
        "sessions_expires_at": session.expires_at,
        "sessions_ended_at": session.ended_at,
        "sessions_end_reason": session.end_reason.value if session.end_reason else None,
    }


def _event_values(event: LoginEvent) -> dict[str, object]:
    return {
        "login_history_id": event.id,
        "login_history_at": event.at,
        "login_history_user_id": event.user_id,
        "login_history_outcome": event.outcome.value,
        "login_history_method": event.method.value,
        "login_history_social": event.social,
        "login_history_address": event.client.address,
        "login_history_user_agent": event.client.user_agent,
        "login_history_session_id": event.session_id,
        "login_history_actor_id": event.actor_id,
        "login_history_role": event.role,
    }


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        method=SignInMethod(row.method),
        social=row.social,
        client=Client(address=row.address, user_agent=row.user_agent),
        created_at=row.created_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        end_reason=EndReason(row.end_reason) if row.end_reason else None,
    )


def _event(row: Row[Any]) -> LoginEvent:
    return LoginEvent(
        id=row.id,
        at=row.at,
        user_id=row.user_id,
        outcome=LoginOutcome(row.outcome),
        method=SignInMethod(row.method),
        social=row.social,
        client=Client(address=row.address, user_agent=row.user_agent),
        session_id=row.session_id,
        actor_id=row.actor_id,
        role=row.role,
    )


def _appearance(row: Row[Any]) -> Appearance:
    return Appearance(
        client=Client(address=row.address, user_agent=row.user_agent),
        signed_in=row.signed_in,
        lines=row.lines,
        at=row.at,
    )
