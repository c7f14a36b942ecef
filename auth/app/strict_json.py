"""JSON that has one meaning: no member twice (RFC 8259, section 4, leaves open which counts), no NaN or Infinity."""

import json
from typing import Any, Never


def parse(text: str) -> Any:
    """Raises: ValueError, or RecursionError where it is nested too deeply."""
    return _READER.decode(text)


def members_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises: ValueError, when a name comes twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is there twice")
    return found


def _refuse(_: str) -> Never:
    raise ValueError("no JSON number")


_READER = json.JSONDecoder(object_pairs_hook=members_once, parse_constant=_refuse)
