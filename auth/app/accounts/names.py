"""What a person may be called."""

import unicodedata

from app.http.text import parse_line, visible

MAX_LENGTH = 100


def parse_name(text: str, *, pointer: str = "/name") -> str:
    """Check a name that a person typed.

    Raises:
        InvalidInput: empty, too long, or with control characters in it.
    """
    return parse_line(text, pointer=pointer, max_length=MAX_LENGTH)


def clean_name(text: object) -> str | None:
    """Make the best of a name that a provider told: cut and cleaned, or nothing."""
    if not isinstance(text, str):
        return None
    return visible(unicodedata.normalize("NFC", text[: MAX_LENGTH * 4])).strip()[:MAX_LENGTH].strip() or None
