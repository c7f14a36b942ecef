"""The rule of rotation by itself: whatever comes in whatever order, there is one live leaf at most."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.ports.tokens import RotationOutcome, TokenState, decide_rotation

START = datetime(2026, 1, 1, tzinfo=UTC)
LIFE = timedelta(days=30)


def fresh_state() -> TokenState:
    return TokenState(
        session_id=UUID(int=1),
        user_id=UUID(int=2),
        generation=0,
        rotated_at=START,
        expires_at=START + LIFE,
        roles=(),
    )


class Session(RuleBasedStateMachine):
    """One session whose tokens are presented by its client and by a thief, over and over.

    SE-03: of all tokens ever handed out, at most one gets a new successor; the parent gets the
    same successor again, and only inside the window. SE-01: anything else ends everything.
    """

    @initialize(seconds=st.integers(0, 60))
    def begin(self, seconds: int) -> None:
        self.window = timedelta(seconds=seconds)
        self.now = START
        self.state = fresh_state()
        self.issued = [0]
        self.was_ended = False

    @rule(by=st.timedeltas(timedelta(0), timedelta(seconds=90)))
    def time_passes(self, by: timedelta) -> None:
        self.now += by

    @rule(data=st.data())
    def somebody_presents_a_token(self, data: st.DataObject) -> None:
        presented = data.draw(st.sampled_from(self.issued))
        before = self.state
        rotation = decide_rotation(before, presented, now=self.now, window=self.window)
        assert rotation.state is not None

        newest = max(self.issued)
        in_window = presented == newest - 1 and self.now - before.rotated_at <= self.window
        expected = RotationOutcome.REUSED
        if self.was_ended or self.now >= before.expires_at:
            expected = RotationOutcome.ENDED
        elif presented == newest:
            expected = RotationOutcome.ROTATED
        elif in_window:
            expected = RotationOutcome.REPEATED
        assert rotation.outcome is expected

        if expected is RotationOutcome.ROTATED:
            self.issued.append(rotation.state.generation)
        if expected is RotationOutcome.REPEATED:
            assert rotation.state == before
        self.was_ended = self.was_ended or expected is RotationOutcome.REUSED
        self.state = rotation.state

    @precondition(lambda self: len(self.issued) > 1)
    @rule(lost=st.integers(1, 3))
    def the_store_loses_its_last_rotations(self, lost: int) -> None:
        """What a restart without the last second does; the client's token is then ahead."""
        if self.was_ended:
            return
        kept = max(0, max(self.issued) - lost)
        ahead = max(self.issued)
        behind = replace(self.state, generation=kept)
        rotation = decide_rotation(behind, ahead, now=self.now, window=self.window)
        if self.now < self.state.expires_at:
            assert rotation.outcome is RotationOutcome.ROTATED
            assert rotation.state is not None
            self.state = rotation.state
            self.issued.append(rotation.state.generation)

    @invariant()
    def at_most_one_token_gets_a_new_successor(self) -> None:
        outcomes = [
            decide_rotation(self.state, generation, now=self.now, window=self.window).outcome
            for generation in self.issued
        ]
        assert outcomes.count(RotationOutcome.ROTATED) <= 1
        assert outcomes.count(RotationOutcome.REPEATED) <= 1

    @invariant()
    def what_has_ended_stays_ended(self) -> None:
        if self.was_ended:
            assert self.state.ended

    @invariant()
    def identity_and_absolute_end_never_move(self) -> None:
        assert replace(self.state, generation=0, rotated_at=START, ended=False) == fresh_state()


TestSession = Session.TestCase
