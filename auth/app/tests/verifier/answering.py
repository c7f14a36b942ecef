"""A web server that answers as a test tells it, and remembers what it was asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from app.tests.verifier.checking import make_verifier
from cinema_auth import Verifier
from cinema_auth.source import FEED_PATH, KEYS_PATH


@dataclass(kw_only=True)
class Reply:
    """What is sent; a length that is not true can be claimed in a header."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Answering:
    """The running server.

    Attributes:
        replies: by path.
        asked: the requests so far: path with query, and headers.
    """

    url: str
    replies: dict[str, Reply]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def count(self, path: str) -> int:
        return sum(asked.partition("?")[0] == path for asked, _ in self.asked)

    def verifier(self, **changes: Any) -> Verifier:
        return make_verifier(self.url, **{"client_id": "player", "client_secret": "the-secret", **changes})


@contextmanager
def answering(*, keys: Reply, feed: Reply) -> Iterator[Answering]:
    """Answer on loopback until the block is left."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            running.asked.append((self.path, dict(self.headers)))
            reply = running.replies.get(self.path.partition("?")[0], Reply(status=404))
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)
            self.close_connection = "Content-Length" in reply.headers

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        running = Answering(f"http://127.0.0.1:{server.server_port}", {KEYS_PATH: keys, FEED_PATH: feed})
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()
