"""The ways in that an account has: whether enough of them are left, and what would have to be set up first."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from app.social.model import Way


@dataclass(frozen=True, kw_only=True)
class WaysIn:
    """What an account has to sign in with.

    Attributes:
        networks: the providers that it is linked with.
    """

    has_email: bool
    email_confirmed: bool
    has_password: bool
    networks: frozenset[str]


class Step(Enum):
    """Something that brings an account closer to another way in; part of the public contract."""

    ADD_EMAIL = "add-email"
    CONFIRM_EMAIL = "confirm-email"
    SET_PASSWORD = "set-password"
    LINK_ANOTHER = "link-another"


def could_still_sign_in(ways: WaysIn, *, offered: Collection[str]) -> bool:
    """Whether the account's owner would get in tomorrow.

    A password counts with a confirmed address only: without one it may not be accepted, and once
    forgotten it is lost. A network that is not offered opens nothing, though it is linked.
    """
    return (ways.has_password and ways.email_confirmed) or any(each in offered for each in ways.networks)


def steps_to_another_way(ways: WaysIn, *, offered: Collection[str]) -> list[list[Step]]:
    """The alternatives for somebody who could not sign in with `ways`; of each all steps are needed, in this order."""
    missing = {
        Step.ADD_EMAIL: not ways.has_email,
        Step.CONFIRM_EMAIL: not ways.email_confirmed,
        Step.SET_PASSWORD: not ways.has_password,
    }
    by_password = [step for step, is_missing in missing.items() if is_missing]
    return [by_password, [Step.LINK_ANOTHER]] if offered else [by_password]


def show_ways(*, masked_email: str | None, networks: Mapping[str, str]) -> tuple[Way, ...]:
    """The ways into an account for somebody who may be a stranger to it: never more than what they may be told.

    Args:
        masked_email: of an account with a password.
        networks: the offered ones that it is linked with, and their titles.
    """
    by_password = [] if masked_email is None else [{"method": "password", "email": masked_email}]
    by_network = [{"method": "social", "social": social, "title": title} for social, title in networks.items()]
    return (*by_password, *by_network)
