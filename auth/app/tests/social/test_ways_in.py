"""Who could still sign in, complete: every combination of address, password and linked networks."""

from itertools import product

import pytest

from app.social.ways_in import Step, WaysIn, could_still_sign_in, steps_to_another_way

ADDRESSES = {"none": (False, False), "unconfirmed": (True, False), "confirmed": (True, True)}
NETWORKS: dict[str, frozenset[str]] = {
    "none": frozenset(),
    "offered": frozenset({"vk"}),
    "not offered": frozenset({"google"}),
    "both": frozenset({"vk", "google"}),
}
OFFERED = {"yandex", "vk"}

# address, has a password, linked networks: only these get in.
GET_IN = {
    *(("confirmed", True, linked) for linked in NETWORKS),
    *product(ADDRESSES, [False, True], ["offered", "both"]),
}


def ways(address: str, has_password: bool, linked: str = "none") -> WaysIn:
    has_email, confirmed = ADDRESSES[address]
    return WaysIn(has_email=has_email, email_confirmed=confirmed, has_password=has_password, networks=NETWORKS[linked])


@pytest.mark.parametrize("row", list(product(ADDRESSES, [False, True], NETWORKS)), ids=str)
def test_lk_21_a_usable_password_or_an_offered_network_is_a_way_in(row: tuple[str, bool, str]) -> None:
    assert could_still_sign_in(ways(*row), offered=OFFERED) is (row in GET_IN)


STEPS = {
    ("none", False): [Step.ADD_EMAIL, Step.CONFIRM_EMAIL, Step.SET_PASSWORD],
    ("unconfirmed", False): [Step.CONFIRM_EMAIL, Step.SET_PASSWORD],
    ("unconfirmed", True): [Step.CONFIRM_EMAIL],
    ("confirmed", False): [Step.SET_PASSWORD],
}


@pytest.mark.parametrize(("row", "steps"), list(STEPS.items()), ids=str)
def test_lk_21_whoever_could_not_is_told_what_is_missing(row: tuple[str, bool], steps: list[Step]) -> None:
    told = steps_to_another_way(ways(*row), offered=OFFERED)

    assert told == [steps, [Step.LINK_ANOTHER]]


def test_where_no_other_network_is_offered_none_is_proposed() -> None:
    assert steps_to_another_way(ways("confirmed", False), offered=()) == [[Step.SET_PASSWORD]]
