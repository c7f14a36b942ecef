"""The one family of errors that callers can react to, answered as RFC 9457 problems."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar


class AppError(Exception):
    """An outcome that the caller is told about; `http/problems.py` turns it into the answer.

    A subclass states four facts. `code` is part of the public contract and never renamed;
    `advice` tells the caller's developer what to do and is shown at `/problems/{code}`.

    Args:
        detail: this occurrence in words, free of secrets, addresses and provider texts.
        headers: further answer headers, such as `Retry-After`.
        extra: further members of the problem document (RFC 9457, section 3.2).
    """

    code: ClassVar[str] = "internal-error"
    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    title: ClassVar[str] = "Something went wrong on our side"
    advice: ClassVar[str] = "Try again later. If it persists, report the request id to the operators."

    catalogue: ClassVar[dict[str, type["AppError"]]] = {}

    def __init__(
        self,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" in cls.__dict__:
            AppError.catalogue[cls.code] = cls


AppError.catalogue[AppError.code] = AppError


class InvalidInput(AppError):
    """The request is well-formed but a value in it is not acceptable.

    Args:
        pointer: JSON pointer (RFC 6901) to the value, for example `/password`.
    """

    code = "invalid-input"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "A value in the request is not acceptable"
    advice = "Each entry of `errors` points at a value and says what is wrong with it. Correct them and send again."

    def __init__(self, detail: str, *, pointer: str) -> None:
        super().__init__(extra={"errors": [{"pointer": pointer, "detail": detail}]})


class AuthenticationRequired(AppError):
    """No access token, or one that does not open anything any more."""

    code = "authentication-required"
    status = HTTPStatus.UNAUTHORIZED
    title = "A valid access token is needed"
    advice = "Send `Authorization: Bearer <access token>`. If the token has expired, refresh it; else sign in again."

    def __init__(self, *, invalid: bool = False) -> None:
        challenge = 'Bearer error="invalid_token"' if invalid else "Bearer"  # RFC 6750, section 3
        super().__init__(headers={"WWW-Authenticate": challenge})


class NotFound(AppError):
    """Nothing is there, or nothing that this caller may know of."""

    code = "not-found"
    status = HTTPStatus.NOT_FOUND
    title = "Nothing is here"
    advice = "Check the path and the identifier. Objects of other people answer the same way."


class TooManyRequests(AppError):
    """One caller asked too often (RFC 6585, section 4).

    Args:
        retry_after: whole seconds until the next try is worth while.
    """

    code = "too-many-requests"
    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many requests"
    advice = "Wait as many seconds as the `Retry-After` header says, then try again."

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)})


class TemporarilyUnavailable(AppError):
    """Something that the answer depends on is away or overloaded. Nothing was changed.

    Args:
        retry_after: whole seconds until the next try is worth while.
    """

    code = "temporarily-unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The service cannot answer this right now"
    advice = "Nothing was changed. Keep your tokens and try again after the seconds of the `Retry-After` header."

    def __init__(self, detail: str | None = None, *, retry_after: int = 2) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})
