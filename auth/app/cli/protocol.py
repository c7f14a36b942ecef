"""HTTP over one connection: uvicorn's, with its own refusal in the form of all others, and answers in one piece."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import msgspec
import structlog
from uuid_utils.compat import uuid7
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.cli.crowd import Crowd
from app.http.input_errors import MalformedRequest
from app.http.middleware import DEFAULT_CSP, SECURITY_HEADERS
from app.http.problems import MEDIA_TYPE, problem_document
from app.settings import BASE_PATH

# After a social network has been away, those who come back from it come by the thousand, each with the costliest of all
# requests. In a flood of passwords to be hashed most are refused, which costs something as well.
IN_CROWDS = (
    f"GET {BASE_PATH}/oauth/authorize".encode(),
    f"POST {BASE_PATH}/login".encode(),
    f"POST {BASE_PATH}/register".encode(),
)

log = structlog.get_logger(__name__)


class Protocol(HttpToolsProtocol):
    """Answers what is no HTTP with a problem, too. Nothing of it reaches the application.

    Args:
        on_lost: called when the connection has ended and is counted no more.
    """

    def __init__(self, crowd: Crowd, *, on_lost: Callable[[], None] = lambda: None, **given: Any) -> None:
        super().__init__(**given)
        self._crowd = crowd
        self._on_lost = on_lost
        self._unheard = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast("asyncio.Transport", Gathering(transport, self.loop)))

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._on_lost()

    def data_received(self, data: bytes) -> None:
        if data.startswith(IN_CROWDS):
            self.transport.pause_reading()  # what comes next can neither go first nor pile up
            self._unheard = data
            self._crowd.wait(self._hear)
        else:
            super().data_received(data)

    def shutdown(self) -> None:
        self._hear()  # it has arrived, and would be lost
        super().shutdown()

    def _hear(self) -> None:
        data, self._unheard = self._unheard, b""
        if data and not self.transport.is_closing():
            self.transport.resume_reading()
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Called where the parser gives up; `msg` is the same for every reason."""
        request_id = str(uuid7())
        body = msgspec.json.encode(problem_document(MalformedRequest(), request_id))
        headers = (
            *self.server_state.default_headers,
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
            (b"x-request-id", request_id.encode()),
            *SECURITY_HEADERS,
            DEFAULT_CSP,
        )
        lines = (b"HTTP/1.1 400 Bad Request", *(b"%b: %b" % header for header in headers), b"", body)
        self.transport.write(b"\r\n".join(lines))
        self.transport.close()
        log.info("request.unreadable", request_id=request_id)


class Gathering:
    """A transport whose writes of one turn of the event loop leave as one.

    uvicorn writes the head of an answer and its body one after the other; each write is a call of the system and a
    packet, which took a quarter of the time of a short answer.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._gathered: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._gathered:
            self._loop.call_soon(self._send)
        self._gathered.append(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        gathered, self._gathered = self._gathered, []
        if gathered and not self._transport.is_closing():
            self._transport.write(b"".join(gathered))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
