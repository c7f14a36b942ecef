"""What the service has acknowledged: afterwards it must hold, all of it and nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any


@dataclass
class Device:
    """One sign-in.

    Attributes:
        refresh_tokens: all that it has ever had, the newest last.
        unanswered: its last refresh got no answer, so it has to be repeated before anything else.
        leaving: its end got no answer, so it may have ended or not.
    """

    access_token: str
    refresh_tokens: list[str]
    unanswered: bool = False
    leaving: bool = False

    @classmethod
    def of(cls, pair: Mapping[str, Any]) -> "Device":
        return cls(access_token=pair["access_token"], refresh_tokens=[pair["refresh_token"]])

    @property
    def newest(self) -> str:
        return self.refresh_tokens[-1]

    def refreshed(self, pair: Mapping[str, Any]) -> None:
        self.access_token = pair["access_token"]
        self.refresh_tokens.append(pair["refresh_token"])


@dataclass
class Person:
    """Somebody with an account, or on the way to one.

    Attributes:
        social: where the account is from; empty for those with a password.
        sign_ins: how many were acknowledged.
        ids: what the service calls the account.
    """

    name: str
    social: str = ""
    is_registered: bool = False
    is_confirmed: bool = False
    sign_ins: int = 0
    devices: list[Device] = field(default_factory=list)
    ended: list[Device] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    brought_by: "Person | None" = field(default=None, repr=False)

    @property
    def email(self) -> str:
        return f"{self.name}@viewers.example"

    def signed_in(self, pair: Mapping[str, Any]) -> None:
        self.sign_ins += 1
        self.devices.append(Device.of(pair))

    def left(self, device: Device) -> None:
        self.devices.remove(device)
        self.ended.append(device)


@dataclass
class Ledger:
    """Everybody.

    Attributes:
        newcomers: people who were registered and have not signed in yet.
    """

    people: list[Person] = field(default_factory=list)
    newcomers: list[Person] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def join(self, social: str = "") -> Person:
        person = Person(name=f"person{next(self._numbers)}", social=social)
        self.people.append(person)
        return person

    def newcomer(self, brought_by: Person) -> Person:
        """Somebody who is in the ledger once the registration is acknowledged."""
        return Person(name=f"newcomer{next(self._numbers)}", brought_by=brought_by)
