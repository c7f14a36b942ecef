"""HTTP over one connection: uvicorn's, with its own refusal in the form of all others."""

import msgspec
import structlog
from uuid_utils.compat import uuid7
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.http.input_errors import MalformedRequest
from app.http.middleware import DEFAULT_CSP, SECURITY_HEADERS
from app.http.problems import MEDIA_TYPE, problem_document

log = structlog.get_logger(__name__)


class Protocol(HttpToolsProtocol):
    """Answers what is no HTTP with a problem, too. Nothing of it reaches the application."""

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
