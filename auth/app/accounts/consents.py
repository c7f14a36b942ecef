"""What people have agreed to: which document in which version, when, and from where (152-FZ, article 9)."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from app.errors import InvalidInput
from app.http.client import Client

_DOCUMENT = re.compile(r"[a-z][a-z0-9-]{0,31}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


@dataclass(frozen=True, kw_only=True)
class Document:
    """One version of a text that somebody agrees to: `personal-data`, `2026-01`."""

    name: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Consent:
    """One agreement. Nothing in it ever changes but its end.

    Attributes:
        withdrawn_at: when its giver took it back; absent while it holds.
    """

    id: UUID
    user_id: UUID
    document: str
    version: str
    given_at: datetime
    client: Client
    withdrawn_at: datetime | None = None

    @property
    def to(self) -> Document:
        return Document(name=self.document, version=self.version)


@dataclass(frozen=True, kw_only=True)
class ConsentPolicy:
    """The documents that this cinema has, each in its present version.

    Attributes:
        required: without these nobody registers.
    """

    required: tuple[Document, ...] = ()
    optional: tuple[Document, ...] = ()

    @classmethod
    def of(cls, required: Iterable[str], optional: Iterable[str]) -> Self:
        """Of texts such as `terms:3`, as the settings have them."""
        return cls(required=tuple(map(read_document, required)), optional=tuple(map(read_document, optional)))

    def check_known(self, given: Sequence[Document]) -> None:
        """Raises: InvalidInput, for a document that there is not, an outdated version, or one given twice."""
        versions = {each.name: each.version for each in (*self.required, *self.optional)}
        for number, document in enumerate(given):
            if document.name not in versions:
                raise InvalidInput("there is no such document here", pointer=f"/consents/{number}/document")
            if document.version != versions[document.name]:
                raise InvalidInput("not its present version", pointer=f"/consents/{number}/version")
        if len({each.name for each in given}) < len(given):
            raise InvalidInput("names a document twice", pointer="/consents")

    def check_registration(self, given: Sequence[Document]) -> None:
        """Raises: InvalidInput, as above, or when one is missing that registering needs."""
        self.check_known(given)
        missing = self.missing(given)
        if missing:
            names = ", ".join(each.name for each in missing)
            raise InvalidInput(f"registering needs the consent to: {names}", pointer="/consents")

    def missing(self, given: Collection[Document]) -> tuple[Document, ...]:
        """The documents that are required and have not been agreed to in their present version."""
        return tuple(each for each in self.required if each not in given)


def in_force(consents: Iterable[Consent]) -> set[Document]:
    """What has been agreed to and not taken back."""
    return {each.to for each in consents if each.withdrawn_at is None}


def is_document(name: str, version: str) -> bool:
    """Whether a document and its version may be called so."""
    return _DOCUMENT.fullmatch(name) is not None and _VERSION.fullmatch(version) is not None


def read_document(text: str) -> Document:
    """Raises: ValueError, for what is not of the form `terms:3`."""
    name, _, version = text.partition(":")
    if not is_document(name, version):
        raise ValueError("not a document and its version")
    return Document(name=name, version=version)
