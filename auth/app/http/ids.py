"""Identifiers in paths: one object has one address."""

from typing import Annotated
from uuid import UUID

from litestar.params import PathParameter

from app.errors import NotFound

IdPath = Annotated[str, PathParameter(description="An id, as answers have it.", schema_extra={"format": "uuid"})]


def read_id(text: str) -> UUID:
    """Read a UUID in the form in which this API writes it; capitals, braces and the like lead nowhere.

    Raises:
        NotFound: anything else.
    """
    try:
        found = UUID(text)
    except ValueError:
        raise NotFound from None
    if str(found) != text:
        raise NotFound
    return found
