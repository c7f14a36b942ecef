"""Where a request comes from, as far as the network tells."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from litestar import Request

MAX_USER_AGENT = 512
UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104 - a placeholder for a peer without an address, nothing listens
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


@dataclass(frozen=True, kw_only=True)
class Client:
    """Who called, as far as the network tells: shown to the account's owner, trusted by nobody.

    Attributes:
        address: the IP address, by the rule for trusted proxies.
        user_agent: at most 512 characters, without control characters.
    """

    address: str
    user_agent: str

    @property
    def network(self) -> str:
        """What counts as one caller for limits: an IPv4 address, or a /64 of IPv6 (one household)."""
        address = ip_address(self.address)
        if isinstance(address, IPv6Address):
            return str(IPv6Network((address, 64), strict=False))
        return str(address)


def read_client(request: Request[Any, Any, Any], trusted_proxies: Collection[Network]) -> Client:
    """Find the caller behind trusted proxies, reading `X-Forwarded-For` from the right.

    The first address that is no trusted proxy is the caller; what stands left of it is hearsay.
    """
    peer = _parse(request.client.host if request.client else "") or ip_address(UNKNOWN_ADDRESS)
    forwarded = ",".join(request.headers.getall("x-forwarded-for", [])).split(",") if trusted_proxies else []
    for hop in reversed(forwarded):
        if not any(peer in network for network in trusted_proxies):
            break
        named = _parse(hop)
        if named is None:
            break
        peer = named
    agent = _CONTROL.sub("", request.headers.get("user-agent", ""))[:MAX_USER_AGENT]
    return Client(address=str(peer), user_agent=agent)


@lru_cache(maxsize=1024)  # proxies call again and again
def _parse(text: str) -> Address | None:
    try:
        address = ip_address(text.strip().partition("%")[0])  # a zone (RFC 4007) is free text of any length
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
