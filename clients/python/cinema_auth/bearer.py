"""The token in an `Authorization` header (RFC 6750, section 2.1)."""

import re
from collections.abc import Sequence

from cinema_auth.errors import TokenInvalid

_BEARER = re.compile(r"(?i:bearer) +([A-Za-z0-9._~+/=-]+)")


def bearer_token(headers: Sequence[str] | str | None) -> str:
    """Take the token out.

    Args:
        headers: the value of the header; or all values, where the framework can tell them: two are refused.

    Raises:
        TokenInvalid: there is none, or something else.
    """
    values = [headers] if isinstance(headers, str) else list(headers or ())
    match = _BEARER.fullmatch(values[0]) if len(values) == 1 else None
    if match is None:
        raise TokenInvalid("no bearer token")
    return match[1]
