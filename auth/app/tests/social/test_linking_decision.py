"""The decision table of linking, complete: every combination of what both sides have proved."""

from itertools import product
from uuid import UUID

import pytest

from app.social.linking import (
    Decision,
    EmailOwner,
    Joining,
    Link,
    LogIn,
    Reclaim,
    Refuse,
    Register,
    decide,
    decide_joining,
)
from app.social.model import Profile

LINKED, OWNER = UUID(int=1), UUID(int=2)

# provider says verified, whose the address is here (nobody's, unconfirmed, confirmed), and whether that
# account has another person of the same provider -> what happens to an identity that is not linked yet.
TABLE: dict[tuple[bool, str, bool], Decision] = {
    (False, "nobody", False): Register(with_email=False),
    (True, "nobody", False): Register(with_email=True),
    (False, "unconfirmed", False): Register(with_email=False),
    (False, "unconfirmed", True): Register(with_email=False),
    (True, "unconfirmed", False): Reclaim(OWNER),
    (True, "unconfirmed", True): Reclaim(OWNER),
    (False, "confirmed", False): Refuse(),
    (False, "confirmed", True): Refuse(),
    (True, "confirmed", False): Link(OWNER),
    (True, "confirmed", True): Refuse(),
}


def _owner(kind: str, has_another: bool) -> EmailOwner | None:
    if kind == "nobody":
        return None
    return EmailOwner(user_id=OWNER, confirmed=kind == "confirmed", has_account_at_provider=has_another)


def _profile(verified: bool) -> Profile:
    return Profile(subject="1", email="v@example.ru", email_verified=verified)


def test_the_table_is_complete() -> None:
    possible = set(product([False, True], ["nobody", "unconfirmed", "confirmed"], [False, True]))

    assert set(TABLE) == {row for row in possible if row[1:] != ("nobody", True)}


@pytest.mark.parametrize(("row", "expected"), TABLE.items(), ids=lambda value: str(value)[:60])
def test_lk_a_new_identity_goes_where_both_proofs_allow(row: tuple[bool, str, bool], expected: Decision) -> None:
    verified, kind, has_another = row

    assert decide(_profile(verified), linked_to=None, owner=_owner(kind, has_another)) == expected


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_lk_01_a_known_identity_opens_its_account_whatever_its_address(row: tuple[bool, str, bool]) -> None:
    verified, kind, has_another = row

    assert decide(_profile(verified), linked_to=LINKED, owner=_owner(kind, has_another)) == LogIn(LINKED)


def test_lk_02_nothing_but_two_proofs_ever_opens_an_account_by_address() -> None:
    opening = {row for row, decision in TABLE.items() if isinstance(decision, Link)}

    assert opening == {(True, "confirmed", False)}


# whom the identity is linked to, and whether the account has another of this provider: for somebody signed in.
JOINING: dict[tuple[UUID | None, bool], Joining] = {
    (None, False): Joining.ADD,
    (None, True): Joining.OCCUPIED,
    (OWNER, False): Joining.DONE_BEFORE,
    (OWNER, True): Joining.DONE_BEFORE,
    (LINKED, False): Joining.IN_USE,
    (LINKED, True): Joining.IN_USE,
}


@pytest.mark.parametrize(("row", "expected"), JOINING.items(), ids=str)
def test_lk_19_an_identity_joins_the_account_of_whoever_is_signed_in_and_never_moves(
    row: tuple[UUID | None, bool], expected: Joining
) -> None:
    linked_to, has_another = row

    assert decide_joining(OWNER, linked_to=linked_to, has_another=has_another) is expected
