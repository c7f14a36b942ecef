"""What a user agent says about a device: in words for people, and as a key to compare."""

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ua_parser import Parser

LONGEST_NAME = 24
# What the library calls otherwise than people do.
_NAMES = {
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Mobile WebView": "",
    "Edge Mobile": "Edge",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Opera Mobile": "Opera",
    "Mac OS X": "macOS",
    "Web0S": "webOS",
    "Chrome OS": "ChromeOS",
}
_NUMBERS = re.compile(r"[\d._]+")
_UNSPEAKABLE = re.compile(r"[^A-Za-z +-]")


@lru_cache(maxsize=256)  # a page of somebody's history is of the same two or three devices
def describe_device(user_agent: str) -> str:
    """Program and system, for example `Chrome, Windows`; empty when neither is known.

    The caller writes the user agent. Some programs are recognised by whatever name they give themselves, so a
    name is held to few letters: no number, no address, nothing that a mail program would turn into a link.
    """
    from ua_parser import Domain  # noqa: PLC0415 - 5 MB, wanted for news only

    found = _parser()(user_agent, Domain.USER_AGENT | Domain.OS)
    program = _name(found.user_agent.family) if found.user_agent else ""
    system = _name(found.os.family) if found.os else ""
    return ", ".join(dict.fromkeys(each for each in (program, system) if each))


def device_kind(user_agent: str) -> str:
    """The same for all versions of one program on one system: what is left without the numbers."""
    return _NUMBERS.sub("", user_agent)


def _name(family: str) -> str:
    return _UNSPEAKABLE.sub("", _NAMES.get(family, family))[:LONGEST_NAME].strip(" +-")


@cache
def _parser() -> "Parser":
    """Its patterns are compiled when they are first tried; nothing of what was parsed is kept."""
    from ua_parser import Parser  # noqa: PLC0415
    from ua_parser.basic import Resolver  # noqa: PLC0415
    from ua_parser.loaders import load_lazy_builtins  # noqa: PLC0415

    return Parser(Resolver(load_lazy_builtins()))
