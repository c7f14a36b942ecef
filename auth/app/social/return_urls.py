"""Where a browser may be sent after a social sign-in: exact origins and path prefixes, nothing clever."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from app.social.errors import ReturnAddressRefused

MAX_LENGTH = 2048
# Plain characters of RFC 3986 only: no backslash, no user part, no control or non-ASCII character.
_PLAIN = re.compile(
    r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
)
_ENCODED_TRICK = re.compile(r"%(2e|2f|5c|0[0-9a-f]|1[0-9a-f]|7f)", re.IGNORECASE)

# Added on the way back: of two, readers may take the wrong one.
_OURS = frozenset({"code", "error", "linked", "link_token"})


@dataclass(frozen=True)
class _Allowed:
    origin: str
    path: str


class ReturnUrls:
    """The allow-list of `return_to`.

    Args:
        allowed: addresses such as `https://cinema.example/login`; a path is a prefix of whole segments.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = tuple(_split(each) for each in allowed)

    def check(self, return_to: str) -> str:
        """Give the address back if it is allowed.

        Raises:
            ReturnAddressRefused: it is not, or two readers may read it, or what is added to it, differently.
        """
        if len(return_to) > MAX_LENGTH or not _PLAIN.fullmatch(return_to) or _ENCODED_TRICK.search(return_to):
            raise ReturnAddressRefused
        wanted = _split(return_to)
        has_dots = any(segment in {".", ".."} for segment in wanted.path.split("/"))
        has_ours = any(name in _OURS for name, _ in parse_qsl(urlsplit(return_to).query, keep_blank_values=True))
        if has_dots or has_ours or not any(_covers(each, wanted) for each in self._allowed):
            raise ReturnAddressRefused
        return return_to


def with_query(address: str, **values: str) -> str:
    """Add parameters to an address that was checked before."""
    return address + ("&" if "?" in address else "?") + urlencode(values)


def _split(address: str) -> _Allowed:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise ReturnAddressRefused from error
    default = {"https": 443, "http": 80}.get(parts.scheme)
    host = parts.hostname or ""
    origin = f"{parts.scheme}://{host}" + ("" if port in {None, default} else f":{port}")
    return _Allowed(origin=origin, path=parts.path.rstrip("/") or "/")


def _covers(allowed: _Allowed, wanted: _Allowed) -> bool:
    inside = allowed.path in {"/", wanted.path} or wanted.path.startswith(allowed.path + "/")
    return wanted.origin == allowed.origin and inside
