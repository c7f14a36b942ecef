"""Requests that no HTTP client would send."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec


@dataclass(frozen=True, kw_only=True)
class RawAnswer:
    """An answer as it came over the wire; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


async def send_raw(url: str, request: bytes) -> RawAnswer:
    """Send bytes as they are and read the answer until the server closes or says that it is complete."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        start, *lines = head.rstrip("\r\n").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return RawAnswer(status=int(start.split(" ")[1]), headers=headers, body=body)
    finally:
        writer.close()


def request(method: str, target: str, *headers: bytes, body: bytes = b"") -> bytes:
    """The bytes of a request with these header lines."""
    length = [f"Content-Length: {len(body)}".encode()] if body else []
    lines = [f"{method} {target} HTTP/1.1".encode(), b"Host: auth.example", *headers, *length]
    return b"\r\n".join([*lines, b"", body])
