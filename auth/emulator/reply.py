"""What an endpoint answers, before any fault and before the network."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from emulator.names import Pairs

# Codes and tokens pass through these answers: nothing keeps or passes them on.
_PRIVATE: Pairs = (("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"))

_PAGE: Pairs = (
    (
        "Content-Security-Policy",
        # No `form-action`: browsers apply it to the redirect that follows the form as well.
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A whole answer as a value, so that faults can reshape it."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Pairs = _PRIVATE

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


def json_bytes(data: object) -> bytes:
    """Encode JSON with the letters of all scripts unescaped."""
    try:
        return json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(data).encode()  # half of a surrogate pair exists in escaped form only


def json_reply(data: object, *, status: int = HTTPStatus.OK, headers: Pairs = ()) -> Reply:
    """Answer with JSON."""
    return Reply(
        status=status,
        body=json_bytes(data),
        content_type="application/json; charset=utf-8",
        headers=(*_PRIVATE, *headers),
    )


def page(html: str, *, status: int = HTTPStatus.OK, headers: Pairs = ()) -> Reply:
    """Answer with a page for people."""
    return Reply(
        status=status,
        body=html.encode("utf-8", "replace"),
        content_type="text/html; charset=utf-8",
        headers=(*_PRIVATE, *_PAGE, *headers),
    )


def redirect(url: str, *, status: int = HTTPStatus.FOUND) -> Reply:
    """Send the browser elsewhere; the URL goes out exactly as given."""
    return Reply(status=status, headers=(*_PRIVATE, ("Location", url)))
