"""What happens to every request, as plain ASGI: request id, one log line, security headers."""

import re
import time
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from uuid_utils.compat import uuid7

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")

SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)
DEFAULT_CSP = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'")
VARY = (b"vary", b"Origin")
HSTS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")

PROBES = frozenset({"/livez", "/readyz"})

log = structlog.get_logger(__name__)


class Envelope:
    """The outermost layer. Sees every answer, the framework's own refusals included.

    The log line holds the route's path and never the query, which carries codes and states.

    Args:
        hsts: send `Strict-Transport-Security`, when the public address is https.
        vary_on_origin: tell caches that answers differ by origin, the refusing ones included.
    """

    def __init__(self, app: ASGIApp, *, hsts: bool, vary_on_origin: bool) -> None:
        self.app = app
        self.vary_on_origin = vary_on_origin
        self.fixed = SECURITY_HEADERS + ((HSTS,) if hsts else ())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _request_id(scope)
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = request_id
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._headers(list(message["headers"]), request_id)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_headers)
            finally:
                write = log.debug if _is_routine(scope, status) else log.info
                write(
                    "request.finished",
                    method=scope["method"],
                    path=scope.get("path_template") or "(unknown)",
                    status=status,
                    problem=state.get("problem"),
                    milliseconds=round((time.perf_counter() - started) * 1000, 1),
                )

    def _headers(self, headers: list[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
        headers += [(b"x-request-id", request_id.encode()), *self.fixed]
        given = {name.lower() for name, _ in headers}
        if DEFAULT_CSP[0] not in given:
            headers.append(DEFAULT_CSP)
        if self.vary_on_origin and VARY[0] not in given:
            headers.append(VARY)
        return headers


def _is_routine(scope: HTTPScope, status: int) -> bool:
    """Whether an orchestrator was told what it is told every few seconds: all is well."""
    return status == 200 and scope["path"] in PROBES


def _request_id(scope: HTTPScope) -> str:
    """Take over the caller's id when it is well-formed, else make one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return value.decode()
    return str(uuid7())
