"""A line of text that a person typed and other people will read."""

import unicodedata

from app.errors import InvalidInput

_INVISIBLE = frozenset({"Cc", "Cs", "Co", "Cn"})


def parse_line(text: str, *, pointer: str, max_length: int) -> str:
    """Check it and give it in Unicode normal form C, without spaces around it.

    Raises:
        InvalidInput: empty, too long, or with control characters in it.
    """
    line = unicodedata.normalize("NFC", text).strip()
    if not 0 < len(line) <= max_length:
        raise InvalidInput(f"between 1 and {max_length} characters", pointer=pointer)
    if line != visible(line):
        raise InvalidInput("holds characters that cannot be shown", pointer=pointer)
    return line


def visible(text: str) -> str:
    """The text without what cannot be shown."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in _INVISIBLE)
