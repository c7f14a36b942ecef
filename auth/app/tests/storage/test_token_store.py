"""The contract of `ports.tokens.TokenStore`."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.ports.tokens import EndedSession, Rotation, RotationOutcome, TokenState, TokenStore

START = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
WINDOW = timedelta(seconds=10)


def new_state(*, user_id: UUID | None = None, roles: tuple[str, ...] = ()) -> TokenState:
    return TokenState(
        session_id=uuid4(),
        user_id=user_id or uuid4(),
        generation=0,
        rotated_at=START,
        expires_at=START + timedelta(days=30),
        roles=roles,
    )


def ended(state: TokenState) -> EndedSession:
    return EndedSession(session_id=state.session_id, user_id=state.user_id, expires_at=state.expires_at)


async def rotate(tokens: TokenStore, state: TokenState, presented: int, *, seconds: int = 1) -> Rotation:
    now = START + timedelta(seconds=seconds)
    return await tokens.rotate(state.user_id, state.session_id, presented, now=now, window=WINDOW)


async def test_a_state_is_found_as_it_was_written(tokens: TokenStore) -> None:
    """To the microsecond: the pair is computed from it, and a retry must give the same."""
    state = new_state(roles=("editor", "редактор"))

    await tokens.start(state)

    assert await tokens.find(state.user_id, state.session_id) == state


async def test_an_unknown_session_is_unknown(tokens: TokenStore) -> None:
    stranger = new_state()

    rotation = await rotate(tokens, stranger, 0)

    assert await tokens.find(stranger.user_id, stranger.session_id) is None
    assert (rotation.outcome, rotation.state) == (RotationOutcome.UNKNOWN, None)


async def test_starting_a_known_session_changes_nothing(tokens: TokenStore) -> None:
    """A restored session must not fall back behind what was rotated meanwhile."""
    state = new_state()
    await tokens.start(state)
    rotated = (await rotate(tokens, state, 0)).state

    await tokens.start(state)

    assert await tokens.find(state.user_id, state.session_id) == rotated


async def test_a_rotation_is_kept(tokens: TokenStore) -> None:
    state = new_state(roles=("editor",))
    await tokens.start(state)

    rotation = await rotate(tokens, state, 0, seconds=5)

    expected = replace(state, generation=1, rotated_at=START + timedelta(seconds=5))
    assert rotation == Rotation(outcome=RotationOutcome.ROTATED, state=expected)
    assert await tokens.find(state.user_id, state.session_id) == expected


async def test_a_repeat_changes_nothing(tokens: TokenStore) -> None:
    state = new_state()
    await tokens.start(state)
    first = await rotate(tokens, state, 0, seconds=1)

    again = await rotate(tokens, state, 0, seconds=11)

    assert again == Rotation(outcome=RotationOutcome.REPEATED, state=first.state)


async def test_a_replay_ends_the_session_in_the_same_step(tokens: TokenStore) -> None:
    """SE-02: there is no moment in which the descendant could still be used."""
    state = new_state()
    await tokens.start(state)
    await rotate(tokens, state, 0, seconds=1)

    replay = await rotate(tokens, state, 0, seconds=12)
    newest = await rotate(tokens, state, 1, seconds=12)

    found = await tokens.find(state.user_id, state.session_id)
    assert (replay.outcome, newest.outcome) == (RotationOutcome.REUSED, RotationOutcome.ENDED)
    assert found is not None
    assert found.ended


async def test_of_many_rotations_at_once_exactly_one_rotates(tokens: TokenStore) -> None:
    """SE-03: the others get what it has made."""
    for _ in range(5):
        state = new_state()
        await tokens.start(state)

        rotations = await asyncio.gather(*(rotate(tokens, state, 0) for _ in range(50)))

        outcomes = Counter(rotation.outcome for rotation in rotations)
        assert outcomes == {RotationOutcome.ROTATED: 1, RotationOutcome.REPEATED: 49}
        assert len({rotation.state for rotation in rotations}) == 1


async def test_of_many_replays_at_once_exactly_one_is_the_theft(tokens: TokenStore) -> None:
    state = new_state()
    await tokens.start(state)
    await rotate(tokens, state, 0)

    rotations = await asyncio.gather(*(rotate(tokens, state, 0, seconds=60) for _ in range(50)))

    outcomes = Counter(rotation.outcome for rotation in rotations)
    assert outcomes == {RotationOutcome.REUSED: 1, RotationOutcome.ENDED: 49}


async def test_an_end_stays_whatever_comes_with_it(tokens: TokenStore) -> None:
    """SE-10: an end in a burst of rotations and starts is the last word."""
    for _ in range(5):
        state = new_state()
        await tokens.start(state)
        ending = [tokens.end([ended(state)])]
        restoring = [tokens.start(state) for _ in range(5)]

        await asyncio.gather(*(rotate(tokens, state, 0) for _ in range(10)), *ending, *restoring)

        found = await tokens.find(state.user_id, state.session_id)
        assert found is not None
        assert found.ended
        assert (await rotate(tokens, state, found.generation)).outcome is RotationOutcome.ENDED


async def test_an_end_before_the_start_is_remembered(tokens: TokenStore) -> None:
    """SE-10: a login that is put in force after the logout stays dead."""
    state = new_state()
    await tokens.end([ended(state)])

    await tokens.start(state)

    found = await tokens.find(state.user_id, state.session_id)
    assert found is not None
    assert found.ended
    assert (await rotate(tokens, state, 0)).outcome is RotationOutcome.ENDED


async def test_an_end_and_a_start_at_once_leave_an_end(tokens: TokenStore) -> None:
    """Both find nothing and both write: neither fails, the end wins."""
    for _ in range(10):
        state = new_state()

        await asyncio.gather(tokens.start(state), tokens.end([ended(state)]), tokens.start(state))

        found = await tokens.find(state.user_id, state.session_id)
        assert found is not None
        assert found.ended


async def test_only_the_named_sessions_end(tokens: TokenStore) -> None:
    states = [new_state() for _ in range(4)]
    for state in states:
        await tokens.start(state)

    await tokens.end([ended(state) for state in states[:2]])
    await tokens.end([])

    found = [await tokens.find(state.user_id, state.session_id) for state in states]
    assert [each.ended for each in found if each] == [True, True, False, False]


async def test_new_roles_are_in_force_for_every_session_of_one_person(tokens: TokenStore) -> None:
    owner = uuid4()
    mine, mine_too, other = new_state(user_id=owner), new_state(user_id=owner), new_state(roles=("viewer",))
    for state in (mine, mine_too, other):
        await tokens.start(state)

    await tokens.set_roles(owner, ("editor", "critic"), version=1)

    found = [await tokens.find(state.user_id, state.session_id) for state in (mine, mine_too, other)]
    assert [each.roles for each in found if each] == [("editor", "critic"), ("editor", "critic"), ("viewer",)]


async def test_roles_and_rotations_at_once_lose_neither(tokens: TokenStore) -> None:
    """A rotation that has read the old roles must not write them back."""
    for _ in range(5):
        state = new_state(roles=("admin",))
        await tokens.start(state)

        await asyncio.gather(
            *(rotate(tokens, state, 0) for _ in range(5)), tokens.set_roles(state.user_id, (), version=1)
        )

        found = await tokens.find(state.user_id, state.session_id)
        assert found is not None
        assert (found.generation, found.roles) == (1, ())


@pytest.mark.parametrize("moment", [START, START.astimezone(), datetime(2026, 3, 29, 1, 59, tzinfo=UTC)])
async def test_moments_come_back_with_their_zone(moment: datetime, tokens: TokenStore) -> None:
    """FS-23: whatever the zone of the machine or the season."""
    state = replace(new_state(), rotated_at=moment, expires_at=moment + timedelta(days=1))

    await tokens.start(state)

    found = await tokens.find(state.user_id, state.session_id)
    assert found is not None
    assert (found.rotated_at, found.expires_at.tzinfo) == (moment, UTC)
