"""The moving state of sessions in Redis: two small hashes, one script a verb."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import msgspec

from app.errors import TemporarilyUnavailable
from app.ports.clock import Clock
from app.ports.tokens import EndedSession, Rotation, RotationOutcome, TokenState
from app.storage.redis.client import PATIENCE_SECONDS, Argument, RedisClient, script

# Read once, before there is work: later there may be no file descriptor left for it.
START, ROTATE, FIND, END, SET_ROLES = map(script, ("start", "rotate", "find", "end", "set_roles"))

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# A changed role is remembered at least this long for a session that is being started in the same moment.
ROLES_TTL = timedelta(hours=1)
AT_ONCE = 500
CLOCK_SECONDS = 1  # by which the clocks of several servers may differ


class RedisTokenStore:
    """`ports.tokens.TokenStore`. Everything of one account has its id as hash tag, so that Redis Cluster works."""

    def __init__(self, client: RedisClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._owed: dict[UUID, EndedSession] = {}
        self._server_ahead: float | None = None  # of our monotonic clock; the most, where there are several servers

    async def start(self, state: TokenState) -> None:
        moments = [_microseconds(state.rotated_at), _microseconds(state.expires_at)]
        roles: list[Argument] = [_encode(state.roles), state.roles_version]
        arguments: list[Argument] = [state.generation, *moments, self._ttl(state.expires_at), *roles]
        await self._client.run(START, _keys(state.user_id, state.session_id), arguments)

    async def rotate(
        self, user_id: UUID, session_id: UUID, presented: int, *, now: datetime, window: timedelta
    ) -> Rotation:
        await self._settle(session_id)
        # An answer that got lost cannot be asked for again while nothing answers: that time does not count.
        window += timedelta(seconds=self._client.lost_seconds(within=window.total_seconds()))
        arguments: list[Argument] = [presented, _microseconds(now), window // MICROSECOND, self._deadline()]
        answer = await self._client.run(ROTATE, _keys(user_id, session_id), arguments)
        try:
            self._server_ahead = max(self._server_ahead or 0, int(answer[1]) / 1e6 - monotonic())
            outcome = RotationOutcome(answer[0].decode())
            state = _state(user_id, session_id, answer[2:]) if len(answer) > 2 else None
        except (ValueError, AttributeError) as error:
            raise TemporarilyUnavailable from error
        return Rotation(outcome=outcome, state=state)

    async def find(self, user_id: UUID, session_id: UUID) -> TokenState | None:
        await self._settle(session_id)
        answer = await self._client.run(FIND, _keys(user_id, session_id), [])
        return _state(user_id, session_id, answer) if answer is not None else None

    async def end(self, sessions: Collection[EndedSession]) -> None:
        try:
            await self._end([*sessions])
        except BaseException:  # a caller who went away, too: the rows in SQL have ended
            self._owed |= {each.session_id: each for each in sessions}
            raise

    async def settle(self) -> None:
        """Tell the ends that could not be told when they happened."""
        if self._owed:
            owed = [*self._owed.values()]
            await self._end(owed)
            for session in owed:
                self._owed.pop(session.session_id, None)

    async def _settle(self, session_id: UUID) -> None:
        """Redis may have been out of reach when this session ended, and come back as the server that it was."""
        if session := self._owed.get(session_id):
            await self._end([session])
            self._owed.pop(session_id, None)

    async def _end(self, sessions: Sequence[EndedSession]) -> None:
        calls = [
            (
                _keys(each.user_id, each.session_id),
                [_microseconds(each.expires_at), self._ttl(each.expires_at)],
            )
            for each in sessions
        ]
        for first in range(0, len(calls), AT_ONCE):
            await self._client.run_each(END, calls[first : first + AT_ONCE])

    async def set_roles(self, user_id: UUID, roles: tuple[str, ...], *, version: int) -> None:
        arguments: list[Argument] = [_encode(roles), version, _milliseconds(ROLES_TTL)]
        await self._client.run(SET_ROLES, [_roles_key(user_id)], arguments)

    def _deadline(self) -> int:
        """When nobody waits for an answer any more, by the server's clock; 0 as long as that is not known."""
        if self._server_ahead is None:
            return 0
        return int((monotonic() + self._server_ahead + PATIENCE_SECONDS + CLOCK_SECONDS) * 1e6)

    def _ttl(self, expires_at: datetime) -> int:
        """Milliseconds until then, counted by our clock and not by the server's."""
        return max(1000, _milliseconds(expires_at - self._clock.now()))


def _keys(user_id: UUID, session_id: UUID) -> list[str]:
    return [f"auth:{{{user_id.hex}}}:session:{session_id.hex}", _roles_key(user_id)]


def _roles_key(user_id: UUID) -> str:
    return f"auth:{{{user_id.hex}}}:roles"


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _encode(roles: Sequence[str]) -> str:
    return msgspec.json.encode(list(roles)).decode()


def _state(user_id: UUID, session_id: UUID, values: Sequence[Any]) -> TokenState:
    """Raises: TemporarilyUnavailable; a state that cannot be read allows nothing."""
    try:
        generation, rotated_at, expires_at, ended, roles, version = values
        return TokenState(
            session_id=session_id,
            user_id=user_id,
            generation=int(generation),
            rotated_at=EPOCH + int(rotated_at) * MICROSECOND,
            expires_at=EPOCH + int(expires_at) * MICROSECOND,
            roles=tuple(msgspec.json.decode(roles, type=list[str])),
            roles_version=int(version),
            ended={b"0": False, b"1": True}[ended],
        )
    except (ValueError, TypeError, KeyError, OverflowError, msgspec.DecodeError) as error:
        raise TemporarilyUnavailable from error
