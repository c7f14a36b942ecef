"""Why a request is refused, before a provider puts it into its own words."""

from dataclasses import dataclass
from enum import Enum, auto


class Failure(Enum):
    """What is wrong with a request to a token, profile or revocation endpoint."""

    MALFORMED_REQUEST = auto()
    UNSUPPORTED_GRANT = auto()
    NO_CREDENTIALS = auto()
    MALFORMED_CREDENTIALS = auto()
    WRONG_CREDENTIALS = auto()
    UNKNOWN_CLIENT = auto()
    MISSING_CODE = auto()
    UNKNOWN_CODE = auto()
    FOREIGN_CODE = auto()
    USED_CODE = auto()
    EXPIRED_CODE = auto()
    WRONG_REDIRECT = auto()
    MISSING_VERIFIER = auto()
    WRONG_VERIFIER = auto()
    WRONG_DEVICE = auto()
    WRONG_REFRESH_TOKEN = auto()
    MISSING_ACCESS_TOKEN = auto()
    WRONG_ACCESS_TOKEN = auto()
    TOKEN_WITHOUT_DEVICE = auto()
    WRONG_ID_TOKEN = auto()


class Refused(Exception):
    """A request that the real provider would refuse as well."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.name)
        self.failure = failure


@dataclass(frozen=True, kw_only=True)
class WireError:
    """A failure in the words of one provider; `number` is Mail.ru's `error_code`."""

    error: str
    description: str = ""
    status: int = 400
    number: int = 0
