"""Bodies that two readers could read differently are refused."""

import re
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request

from app import strict_json
from app.http.input_errors import MalformedRequest, UnsupportedMediaType

_JSON = re.compile(r"\s*application/json\s*(;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)
_FORM = re.compile(r"\s*application/x-www-form-urlencoded\s*(;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


async def refuse_ambiguous_body(request: Request[Any, Any, Any]) -> None:
    """Take JSON in UTF-8 only, in which no member is given twice.

    The media type also keeps plain cross-site forms out.

    Raises:
        UnsupportedMediaType: the body comes as anything else.
        MalformedRequest: no JSON, too deeply nested, or a member twice.
    """
    if not _has_body(request):
        return
    if not _JSON.fullmatch(request.headers.get("content-type", "")):
        raise UnsupportedMediaType
    body = await request.body()
    try:
        strict_json.parse(body.decode())
    except (ValueError, RecursionError):
        raise MalformedRequest from None


async def refuse_ambiguous_form(request: Request[Any, Any, Any]) -> None:
    """The same for a route that takes a form, as OAuth has it: one that no browser sends by itself.

    Raises:
        UnsupportedMediaType, MalformedRequest: as for JSON.
    """
    if not _has_body(request):
        return
    if not _FORM.fullmatch(request.headers.get("content-type", "")):
        raise UnsupportedMediaType
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
        strict_json.members_once(pairs)
    except ValueError:
        raise MalformedRequest from None


def _has_body(request: Request[Any, Any, Any]) -> bool:
    headers = request.headers
    is_there = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    return request.method in _BODY_METHODS and is_there
