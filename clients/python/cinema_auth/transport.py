"""Questions to the Auth service over one kept connection: no redirects, no proxies, answers of bounded size."""

import ssl
from base64 import b64encode
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import urlsplit

from cinema_auth.errors import Unavailable

USER_AGENT = "cinema-auth-client"


class Refused(Unavailable):
    """The Auth service answers, but not with what was asked for."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the Auth service answered {status}")
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One with status 200, read to its end."""

    cache_control: str
    body: bytes


class Transport:
    """For one thread at a time.

    Raises:
        ValueError: the address is none of a service that could be trusted.
    """

    def __init__(self, base_url: str, *, timeout_seconds: float, ssl_context: ssl.SSLContext | None) -> None:
        check_address(base_url)
        self._address = urlsplit(base_url)
        self._timeout = timeout_seconds
        self._ssl = ssl_context or ssl.create_default_context()
        self._connection: HTTPConnection | None = None

    def get(self, path: str, *, max_bytes: int, authorization: str | None = None) -> Answer:
        """Ask for one document.

        Raises:
            Unavailable: there is no complete answer.
            Refused: its status is not 200.
        """
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        if authorization is not None:
            headers["Authorization"] = authorization
        was_kept = self._connection is not None
        try:
            return self._ask(path, headers, max_bytes)
        except (OSError, HTTPException, ValueError) as error:
            self.close()
            if not was_kept or isinstance(error, TimeoutError):
                raise Unavailable(f"the Auth service is away: {type(error).__name__}") from error
        except Unavailable:
            self.close()
            raise
        return self.get(path, max_bytes=max_bytes, authorization=authorization)  # the kept one may just have been old

    def forget(self) -> None:
        """Leave the connection to the process that this one was forked from."""
        self._connection = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, path: str, headers: dict[str, str], max_bytes: int) -> Answer:
        self._connection = self._connection or self._connect()
        self._connection.request("GET", path, headers=headers)
        response = self._connection.getresponse()
        body = response.read(max_bytes + 1)
        if len(body) > max_bytes or response.length:
            raise Unavailable("the answer is too long, or was cut short")
        if response.status != 200:
            raise Refused(response.status)
        return Answer(cache_control=response.headers.get("Cache-Control", ""), body=body)

    def _connect(self) -> HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        if self._address.scheme == "https":
            return HTTPSConnection(host, port, timeout=self._timeout, context=self._ssl)
        return HTTPConnection(host, port, timeout=self._timeout)


def basic(client_id: str, client_secret: str) -> str:
    """Credentials as a header (RFC 7617)."""
    return "Basic " + b64encode(f"{client_id}:{client_secret}".encode()).decode()


def check_address(url: str) -> None:
    """Raises: ValueError, unless it is scheme and host; the scheme is https, but on the same machine."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or f"{parts.scheme}://{parts.netloc}" != url:
        raise ValueError(f"an address is scheme and host without a slash at its end: {url}")
    if "@" in parts.netloc:
        raise ValueError("no credentials in an address")
    if parts.scheme == "http" and not _is_here(parts.hostname):
        raise ValueError(f"https is needed but for localhost: {url}")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
