"""URL-encoded text, kept byte for byte."""

from urllib.parse import parse_qsl, quote, urlencode

from emulator.names import Pairs

# `state` must come back as it was sent, even where its bytes are no UTF-8.
_ERRORS = "surrogateescape"


def parse_pairs(text: str) -> Pairs:
    """Read a query string or a form body; blank values and duplicates stay."""
    return tuple(parse_qsl(text, keep_blank_values=True, errors=_ERRORS))


def encode_pairs(pairs: Pairs) -> str:
    """Write a query string: UTF-8, percent-encoded, spaces as %20."""
    return urlencode(pairs, quote_via=quote, safe="", errors=_ERRORS)


def with_query(url: str, pairs: Pairs) -> str:
    """Append parameters to a URL which may have a query of its own."""
    if not pairs:
        return url
    joint = "&" if "?" in url else "?"
    return f"{url}{joint}{encode_pairs(pairs)}"


def split_query(url: str) -> tuple[str, str]:
    """Divide a raw request target into its path and its query string."""
    path, _, query = url.partition("?")
    return path, query
