"""What a person may be called."""

import unicodedata

from app.errors import InvalidInput

MAX_LENGTH = 100
_INVISIBLE = frozenset({"Cc", "Cs", "Co", "Cn"})


def parse_name(text: str, *, pointer: str = "/name") -> str:
    """Check a name that a person typed.

    Raises:
        InvalidInput: empty, too long, or with control characters in it.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if not 0 < len(name) <= MAX_LENGTH:
        raise InvalidInput(f"between 1 and {MAX_LENGTH} characters", pointer=pointer)
    if name != _visible(name):
        raise InvalidInput("holds characters that cannot be shown", pointer=pointer)
    return name


def clean_name(text: object) -> str | None:
    """Make the best of a name that a provider told: cut and cleaned, or nothing."""
    if not isinstance(text, str):
        return None
    return _visible(unicodedata.normalize("NFC", text[: MAX_LENGTH * 4])).strip()[:MAX_LENGTH].strip() or None


def _visible(text: str) -> str:
    return "".join(sign for sign in text if unicodedata.category(sign) not in _INVISIBLE)
