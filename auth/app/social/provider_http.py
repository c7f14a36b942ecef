"""The only way out to providers: bounded, without redirects, and silent about what it carries."""

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp

from app.errors import TemporarilyUnavailable
from app.sessions.jws import TokenInvalid, parse_json_object
from app.social.errors import ProviderAnswerInvalid, ProviderUnavailable

MAX_ANSWER_BYTES = 64 * 1024
TOTAL_SECONDS, CONNECT_SECONDS = 10, 3
MAX_IN_FLIGHT = 5000  # callbacks waiting for slow providers; more are told to come back
_RETRY_LATER = frozenset({408, 425, 429, *range(500, 600)})


@dataclass(frozen=True, kw_only=True)
class ProviderRequest:
    """One request to a provider; secrets may be anywhere in it, so it has no `repr` of them."""

    method: str
    url: str
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class ProviderAnswer:
    """A complete JSON object and the status it came with (VK ID sends errors with 200)."""

    status: int
    body: Mapping[str, Any] = field(repr=False)


class ProviderHttp:
    """One pool of connections for all providers."""

    def __init__(self, session: aiohttp.ClientSession, *, max_in_flight: int = MAX_IN_FLIGHT) -> None:
        self._session = session
        self._max_in_flight = max_in_flight
        self._in_flight = 0

    @classmethod
    def open(cls, *, public_only: bool, ca_file: Path | None) -> Self:
        """Open the pool. System proxy variables are not read.

        Args:
            public_only: refuse addresses inside private networks, also behind a name (production).
            ca_file: certificates to trust besides the usual ones, such as a national authority's.
        """
        context = ssl.create_default_context()
        if ca_file is not None:
            context.load_verify_locations(ca_file)
        connector = aiohttp.TCPConnector(
            ssl=context, limit=0, socket_factory=_public_socket if public_only else None, ttl_dns_cache=60
        )
        timeout = aiohttp.ClientTimeout(total=TOTAL_SECONDS, connect=CONNECT_SECONDS)
        session = aiohttp.ClientSession(
            connector=connector, timeout=timeout, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        return cls(session)

    async def close(self) -> None:
        await self._session.close()

    async def request(self, request: ProviderRequest) -> ProviderAnswer:
        """Send once and read one JSON object of at most 64 KiB within 10 seconds.

        Raises:
            ProviderUnavailable: no complete answer in time, or a status that says "later".
            ProviderAnswerInvalid: anything but a JSON object, or a redirect.
            TemporarilyUnavailable: too many requests to providers are under way.
        """
        if self._in_flight >= self._max_in_flight:
            raise TemporarilyUnavailable(retry_after=5)
        self._in_flight += 1
        try:
            return await self._send(request)
        except (aiohttp.ClientPayloadError, TokenInvalid, UnicodeError):
            raise ProviderAnswerInvalid from None
        except (TimeoutError, aiohttp.ClientError, OSError):
            raise ProviderUnavailable from None  # the cause's text may hold the address with a token in it
        finally:
            self._in_flight -= 1

    async def _send(self, request: ProviderRequest) -> ProviderAnswer:
        async with self._session.request(
            request.method,
            request.url,
            params=request.params,
            headers={"Accept": "application/json", **request.headers},
            data=request.form,
            allow_redirects=False,  # a redirect would carry the secret somewhere else
        ) as answer:
            if answer.status in _RETRY_LATER:
                raise ProviderUnavailable
            if 300 <= answer.status < 400:
                raise ProviderAnswerInvalid
            raw = await answer.content.read(MAX_ANSWER_BYTES + 1)
            while len(raw) <= MAX_ANSWER_BYTES and (more := await answer.content.read(MAX_ANSWER_BYTES + 1)):
                raw += more
            if len(raw) > MAX_ANSWER_BYTES:
                answer.close()
                raise ProviderAnswerInvalid
            return ProviderAnswer(status=answer.status, body=parse_json_object(raw))


def _public_socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """Make a socket for an address, unless that lies inside our own network (server-side request forgery).

    Asked last of all: neither a number in place of a name nor a name that resolves anew gets around it.
    """
    family, kind, protocol, _, target = address
    if not ipaddress.ip_address(target[0]).is_global:
        raise OSError("not a public address")
    return socket.socket(family, kind, protocol)
