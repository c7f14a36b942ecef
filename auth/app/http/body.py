"""Bodies that two readers could read differently are refused."""

import json
import re
from typing import Any

from litestar import Request

from app.http.input_errors import MalformedRequest, UnsupportedMediaType

_JSON = re.compile(r"\s*application/json\s*(;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


async def refuse_ambiguous_body(request: Request[Any, Any, Any]) -> None:
    """Take JSON in UTF-8 only, in which no member is given twice.

    The media type also keeps plain cross-site forms out.

    Raises:
        UnsupportedMediaType: the body comes as anything else.
        MalformedRequest: no JSON, too deeply nested, or a member twice.
    """
    headers = request.headers
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    if request.method not in _BODY_METHODS or not has_body:
        return
    if not _JSON.fullmatch(headers.get("content-type", "")):
        raise UnsupportedMediaType
    body = await request.body()
    try:
        json.loads(body.decode(), object_pairs_hook=_members)
    except (ValueError, RecursionError):
        raise MalformedRequest from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedRequest
    return found
