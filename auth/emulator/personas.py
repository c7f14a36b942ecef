"""People with accounts at the providers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from emulator.names import Provider


@dataclass(frozen=True, kw_only=True)
class Account:
    """What one provider knows about one person.

    Attributes:
        subject: the provider's stable id, the key of an identity.
        login: a name that the owner may change.
        birthday: `YYYY-MM-DD`, unknown parts are zeros; None when not told.
        phone: international form with a plus.
        email_verified: told by Google only.
        hd: the Google Workspace domain.
        avatar: an id (Yandex) or a URL (the others); None when there is no picture.
        overrides: wire fields that replace the computed ones in the profile answer.
        removed: wire fields left out of the profile answer.
    """

    subject: str
    login: str
    first_name: str
    last_name: str
    email: str | None = None
    email_verified: bool = True
    hd: str | None = None
    phone: str | None = None
    birthday: str | None = None
    sex: Literal["female", "male"] | None = None
    avatar: str | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()

    @property
    def full_name(self) -> str:
        """First and last name together."""
        return f"{self.first_name} {self.last_name}".strip()

    def finish(self, profile: dict[str, Any]) -> dict[str, Any]:
        """Apply the overrides and removals to a computed profile."""
        merged = {**profile, **self.overrides}
        return {name: value for name, value in merged.items() if name not in self.removed}


@dataclass(frozen=True, kw_only=True)
class Persona:
    """One person; `name` is the key of the API, `title` tells people what is special."""

    name: str
    title: str
    accounts: Mapping[Provider, Account]


class PersonaUnknown(LookupError):
    """No such person, or the person has no account at the provider."""


class Cast:
    """Everybody who can sign in."""

    def __init__(self, people: Iterable[Persona]) -> None:
        self._initial = tuple(people)
        self._people: dict[str, Persona] = {}
        self.reset()

    def reset(self) -> None:
        """Bring the scripted people back as they were, without those added later."""
        self._people = {person.name: person for person in self._initial}

    def get(self, name: str) -> Persona:
        """The person of that name.

        Raises:
            PersonaUnknown: nobody is called so.
        """
        try:
            return self._people[name]
        except KeyError:
            raise PersonaUnknown(f"no persona {name!r}; there are {', '.join(self._people)}") from None

    def account(self, name: str, provider: Provider) -> Account:
        """The person's account at a provider.

        Raises:
            PersonaUnknown: nobody is called so, or the person is not known to the provider.
        """
        account = self.get(name).accounts.get(provider)
        if account is None:
            raise PersonaUnknown(f"persona {name!r} has no account at {provider}")
        return account

    def at(self, provider: Provider) -> list[Persona]:
        """Those with an account at the provider."""
        return [person for person in self._people.values() if provider in person.accounts]

    def all(self) -> list[Persona]:
        """Everybody."""
        return list(self._people.values())

    def add(self, person: Persona) -> None:
        """Add a person, or replace the one of the same name."""
        self._people[person.name] = person

    def change(self, name: str, provider: Provider, changes: Mapping[str, Any]) -> Account:
        """Replace fields of an account.

        Raises:
            PersonaUnknown: there is no such account.
            ValueError: an account has no field of that name.
        """
        known = {item.name for item in fields(Account)}
        if unknown := changes.keys() - known:
            raise ValueError(f"an account has no field {sorted(unknown)}; it has {sorted(known)}")
        account = replace(self.account(name, provider), **changes)
        person = self.get(name)
        self.add(replace(person, accounts={**person.accounts, provider: account}))
        return account
