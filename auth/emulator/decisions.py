"""What the person at the sign-in page answers."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Allow:
    """Sign in as a persona, without some of the rights that were asked for."""

    persona: str
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Refuse:
    """Say no (VK-13).

    Attributes:
        mode: how the browser returns: `a` with error and state, `b` with the error alone,
            `c` with everything but a code, `d` not at all.
        error: the OAuth error code.
    """

    mode: str = "a"
    error: str = "access_denied"


Decision = Allow | Refuse

REFUSAL_MODES = ("a", "b", "c", "d")
