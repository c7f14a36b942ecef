"""The moving state of sessions: which refresh token is the newest, and whether any still counts."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class TokenState:
    """What the token store knows of one session. Holds no token: a dump of it opens nothing.

    Attributes:
        generation: how often the refresh token has been rotated; the newest token carries it.
        rotated_at: when that happened (or when the session began).
        expires_at: the absolute end, whatever is refreshed.
        roles: the account's roles as of now, so that a refresh needs no second look-up.
        roles_version: how often the account's roles have changed; of two versions the greater counts.
    """

    session_id: UUID
    user_id: UUID
    generation: int
    rotated_at: datetime
    expires_at: datetime
    roles: tuple[str, ...]
    roles_version: int = 0
    ended: bool = False


@dataclass(frozen=True, kw_only=True)
class EndedSession:
    """A session whose tokens must not count any more.

    Attributes:
        expires_at: its absolute end, until which the end must be remembered.
    """

    session_id: UUID
    user_id: UUID
    expires_at: datetime


class RotationOutcome(Enum):
    """What presenting a refresh token led to."""

    ROTATED = "rotated"
    REPEATED = "repeated"  # the parent came again inside the window: the same pair is due
    REUSED = "reused"  # an older token came back: theft, the session has ended in this very step
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """The outcome, and the state after it (absent for an unknown session)."""

    outcome: RotationOutcome
    state: TokenState | None = None


class TokenStore(Protocol):
    """One atomic step per verb. Every verb may raise `TemporarilyUnavailable`.

    A session is named with its owner: what belongs to one account can live in one place.
    """

    async def start(self, state: TokenState) -> None:
        """Begin a session, or restore one that the store has lost; a known one is left alone."""
        ...

    async def rotate(
        self, user_id: UUID, session_id: UUID, presented: int, *, now: datetime, window: timedelta
    ) -> Rotation:
        """Apply `decide_rotation` to the stored state. Of many at once exactly one rotates.

        Time in which the store could not be asked does not count for the window, and what reaches the store
        after its caller has given up changes nothing.
        """
        ...

    async def find(self, user_id: UUID, session_id: UUID) -> TokenState | None:
        """The state as it is; `None` when the store does not know the session."""
        ...

    async def end(self, sessions: Collection[EndedSession]) -> None:
        """Mark sessions as ended, known or not: from the answer on, none of their tokens is accepted."""
        ...

    async def set_roles(self, user_id: UUID, roles: tuple[str, ...], *, version: int) -> None:
        """Put changed roles in force for every session of a person, unless a later change already is."""
        ...


def decide_rotation(state: TokenState, presented: int, *, now: datetime, window: timedelta) -> Rotation:
    """Judge a refresh token by its generation (RFC 9700, section 4.14.2).

    The immediate parent may come again inside `window`: a lost answer or a second tab must not
    log anybody out. A generation ahead of the store was signed by us and lost by the store, so it
    moves the store forward. Anything older is a replay and ends the session.
    """
    if state.ended or now >= state.expires_at:
        return Rotation(outcome=RotationOutcome.ENDED, state=state)
    if presented >= state.generation:
        moved = replace(state, generation=presented + 1, rotated_at=now)
        return Rotation(outcome=RotationOutcome.ROTATED, state=moved)
    if presented == state.generation - 1 and abs(now - state.rotated_at) <= window:  # two hosts' clocks differ
        return Rotation(outcome=RotationOutcome.REPEATED, state=state)
    return Rotation(outcome=RotationOutcome.REUSED, state=replace(state, ended=True))
