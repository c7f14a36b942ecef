"""Bodies of what has to do with consents."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from app.accounts.consents import Consent, ConsentPolicy, Document, in_force

MAX_GIVEN = 16


class DocumentBody(msgspec.Struct, kw_only=True, frozen=True):
    """A document in one version."""

    document: Annotated[str, msgspec.Meta(max_length=32, examples=["personal-data"])]
    version: Annotated[str, msgspec.Meta(max_length=32, examples=["2026-01"])]

    @classmethod
    def of(cls, document: Document) -> "DocumentBody":
        return cls(document=document.name, version=document.version)


GivenConsents = Annotated[
    list[DocumentBody], msgspec.Meta(max_length=MAX_GIVEN, description="What the person has just agreed to.")
]


def read_documents(given: Iterable[DocumentBody]) -> list[Document]:
    """The documents of a body."""
    return [Document(name=each.document, version=each.version) for each in given]


class GiveConsentBody(msgspec.Struct, kw_only=True):
    """What the person has just agreed to, each in its present version."""

    consents: GivenConsents


class ConsentBody(msgspec.Struct, kw_only=True):
    """An agreement: to what, when, and from where."""

    document: str
    version: str
    given_at: datetime
    withdrawn_at: datetime | None
    address: str
    user_agent: str

    @classmethod
    def of(cls, consent: Consent) -> "ConsentBody":
        return cls(
            document=consent.document,
            version=consent.version,
            given_at=consent.given_at,
            withdrawn_at=consent.withdrawn_at,
            address=consent.client.address,
            user_agent=consent.client.user_agent,
        )


class ConsentsBody(msgspec.Struct, kw_only=True):
    """The own agreements, the oldest first, and what is required and missing."""

    items: list[ConsentBody]
    missing: list[DocumentBody]

    @classmethod
    def of(cls, consents: Sequence[Consent], policy: ConsentPolicy) -> "ConsentsBody":
        missing = policy.missing(in_force(consents))
        return cls(items=[*map(ConsentBody.of, consents)], missing=[*map(DocumentBody.of, missing)])
