"""Queries that two readers could read differently are refused."""

from typing import Any
from urllib.parse import unquote_to_bytes

from litestar import Request

from app.http.input_errors import MalformedRequest

MAX_QUERY_BYTES = 8192


def refuse_ambiguous_query(request: Request[Any, Any, Any]) -> None:
    """Refuse a parameter given twice, a broken encoding, control characters and oversize.

    Raises:
        MalformedRequest: one of these.
    """
    raw: bytes = request.scope["query_string"]
    names = [pair.partition(b"=")[0] for pair in raw.split(b"&") if pair]
    if len(raw) > MAX_QUERY_BYTES or len({unquote_to_bytes(name) for name in names}) != len(names):
        raise MalformedRequest
    try:
        text = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedRequest from None
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        raise MalformedRequest
