"""Which passwords are refused: too short, too common, or about the person (NIST SP 800-63B-4, 3.1.1.2)."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from app.errors import InvalidInput

MIN_LENGTH = 8
MAX_LENGTH = 1024
MAX_REPEATED_PIECE, MAX_REPETITION = 4, 64
MAX_REST = 4
SERVICE_WORDS = ("cinema", "кинотеатр", "password", "пароль")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_SEQUENCES = (
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "йцукенгшщзхъфывапролджэячсмитьбю",
)


def check_password(password: str, *, about: Iterable[str] = (), pointer: str = "/password") -> None:
    """Refuse a weak password, saying why; there is no rule about kinds of characters.

    Args:
        about: words that an attacker would try first: the address, the name.

    Raises:
        InvalidInput: with the reason; the password is not repeated.
    """
    reason = find_weakness(password, about=about)
    if reason is not None:
        raise InvalidInput(reason, pointer=pointer)


def find_weakness(password: str, *, about: Iterable[str] = ()) -> str | None:
    """Why a password is not acceptable; `None` when it is. Length counts code points."""
    if "\0" in password or any("\ud800" <= sign <= "\udfff" for sign in password):
        return "holds a character that cannot be typed"
    if len(password) < MIN_LENGTH:
        return f"shorter than {MIN_LENGTH} characters"
    if len(password) > MAX_LENGTH:
        return f"longer than {MAX_LENGTH} characters"
    plain = unicodedata.normalize("NFKC", password).casefold()
    if plain in _common_passwords():
        return "among the most common passwords"
    if _repeats(plain) or _is_sequence(plain):
        return "a simple repetition or sequence"
    if any(_mostly(word, plain) for word in _words((*about, *SERVICE_WORDS))):
        return "made of the address, the name or the service's own words"
    return None


@cache
def _common_passwords() -> frozenset[str]:
    path = Path(__file__).parent / "common_passwords.txt"
    return frozenset(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))


def _repeats(plain: str) -> bool:
    """One short piece over and over: `aaaaaaaa`, `abcabcab`. Very long ones are nobody's first guess."""
    pieces = (plain[:length] for length in range(1, MAX_REPEATED_PIECE + 1))
    return len(plain) < MAX_REPETITION and any((piece * len(plain)).startswith(plain) for piece in pieces)


def _is_sequence(plain: str) -> bool:
    return any(plain in run or plain[::-1] in run for run in (each * 2 for each in _SEQUENCES))


def _words(sources: Iterable[str]) -> Iterable[str]:
    """What stands in an address or a name: the whole, its halves, each word, and the words run together."""
    for source in sources:
        plain = unicodedata.normalize("NFKC", source).casefold()
        for half in {plain, *plain.split("@")}:
            words = _BETWEEN_WORDS.split(half)
            yield from (word for word in {half, *words, "".join(words)} if len(word) >= 4)


def _mostly(word: str, plain: str) -> bool:
    """Whether no more than a year or a few signs is left when the word is taken out."""
    return word in plain and len(plain.replace(word, "")) <= MAX_REST
