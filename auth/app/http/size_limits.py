"""Requests that are larger than any honest one are refused before anything looks at them."""

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from app.errors import AppError
from app.http.input_errors import AddressTooLong, HeadersTooLarge
from app.http.problems import MEDIA_TYPE, problem_document

MAX_ADDRESS_BYTES = 16 * 1024
MAX_HEADER_BYTES = 32 * 1024
MAX_HEADERS = 100


class SizeLimits:
    """Plain ASGI, inside `Envelope`: its refusals carry the request id and the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = _find_excess(scope) if scope["type"] == ScopeType.HTTP else None
        if error is None:
            await self.app(scope, receive, send)
            return
        state = scope["state"]
        state["problem"] = error.code
        body = msgspec.json.encode(problem_document(error, state["request_id"]))
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": int(error.status), "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _find_excess(scope: HTTPScope) -> AppError | None:
    headers = list(scope["headers"])
    if len(scope["raw_path"]) + len(scope["query_string"]) > MAX_ADDRESS_BYTES:
        return AddressTooLong()
    if len(headers) > MAX_HEADERS or sum(len(name) + len(value) for name, value in headers) > MAX_HEADER_BYTES:
        return HeadersTooLarge()
    return None
