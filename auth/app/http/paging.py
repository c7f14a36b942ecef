"""Lists in pages: a page begins where the one before ended, whatever was added meanwhile."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from litestar import Request
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from app.errors import InvalidInput
from app.http.query import refuse_ambiguous_query

T = TypeVar("T")
K = TypeVar("K")

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
MAX_CURSOR = 512

LimitQuery = Annotated[int, QueryParameter(name="limit", ge=1, le=MAX_LIMIT, description="How many, at most.")]
CursorQuery = Annotated[
    str | None,
    QueryParameter(name="cursor", max_length=MAX_CURSOR, description="The `next_cursor` of the page before."),
]


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """Which part of a list the caller wants."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None

    def after(self, parse: Callable[[str], K]) -> K | None:
        """The key of the last item that the caller has seen; `None` at the beginning.

        Args:
            parse: reads a key of this list from text, or raises `ValueError`.

        Raises:
            InvalidInput: the cursor is none of this list.
        """
        if self.cursor is None:
            return None
        try:
            return parse(_decode(self.cursor))
        except ValueError:
            raise InvalidInput("not a cursor of this list", pointer="/cursor") from None

    @property
    def wanted(self) -> int:
        """How many rows to read: one more than are shown tells whether another page follows."""
        return self.limit + 1

    def cut(self, found: Sequence[T], *, key: Callable[[T], str | UUID]) -> "Page[T]":
        """Make a page of up to `wanted` rows.

        Args:
            key: by what the list is sorted; unique in it.
        """
        shown = found[: self.limit]
        return Page(items=shown, next_cursor=_encode(str(key(shown[-1]))) if len(found) > len(shown) else None)


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """Some items of a list, and what leads to the next ones, if there are any."""

    items: Sequence[T]
    next_cursor: str | None


class PageBody(msgspec.Struct, kw_only=True):
    """What every answer with a page has; the list itself, `items`, is added by the kind of list."""

    next_cursor: Annotated[str | None, msgspec.Meta(description="Send it as `cursor`; `null` on the last page.")]


FromPage = NamedDependency[PageRequest]


def provide_page(
    request: Request[Any, Any, Any], limit: LimitQuery = DEFAULT_LIMIT, cursor: CursorQuery = None
) -> PageRequest:
    """The dependency `page` of every route that answers a list.

    Raises:
        MalformedRequest: a parameter of the query is there twice, or cannot be read.
    """
    refuse_ambiguous_query(request)
    return PageRequest(limit=limit, cursor=cursor)


def _encode(key: str) -> str:
    return urlsafe_b64encode(key.encode()).rstrip(b"=").decode()


def _decode(cursor: str) -> str:
    """Raises: ValueError, for what `_encode` has not made."""
    key = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    if _encode(key) != cursor:  # the decoder overlooks foreign signs; one key has one spelling
        raise ValueError("not a cursor")
    return key
