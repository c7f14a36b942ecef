"""What can be wrong with a request before any domain has seen it."""

import re
from http import HTTPStatus
from typing import Self

from litestar.exceptions import ValidationException

from app.errors import AppError

_PATH = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_VALUE = re.compile(r"(?<=Invalid enum value) .*")
_INDEX = re.compile(r"\[(\d+|\.\.\.)\]")


class MalformedRequest(AppError):
    """The request cannot be read: broken JSON, a member given twice, broken encoding, a broken header."""

    code = "malformed-request"
    status = HTTPStatus.BAD_REQUEST
    title = "The request cannot be read"
    advice = "Send JSON in UTF-8 that matches the OpenAPI document."


class ValidationFailed(AppError):
    """The request was read, but values are missing or of the wrong kind."""

    code = "validation-failed"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The request does not have the expected form"
    advice = "Each entry of `errors` points at a value and says what is wrong with it. The values are not repeated."

    @classmethod
    def of(cls, error: ValidationException) -> Self:
        """Translate the framework's findings, without the place, which the pointer tells, and without values."""
        found = error.extra if isinstance(error.extra, list) else []
        errors = [
            {"pointer": _pointer(str(each.get("key", ""))), "detail": _detail(str(each.get("message", "")))}
            for each in found
            if isinstance(each, dict)
        ]
        return cls(extra={"errors": errors or [{"pointer": "", "detail": "not of the expected form"}]})


class MethodNotAllowed(AppError):
    """The path exists, the method does not (RFC 9110, section 15.5.6)."""

    code = "method-not-allowed"
    status = HTTPStatus.METHOD_NOT_ALLOWED
    title = "This path does not know that method"
    advice = "The `Allow` header lists the methods of this path."


class BodyTooLarge(AppError):
    """The body is larger than any request of this API needs."""

    code = "body-too-large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "The body is too large"
    advice = "No request of this API needs more than 64 KiB."


class AddressTooLong(AppError):
    """Path and query are longer than any request of this API needs (RFC 9110, section 15.5.15)."""

    code = "address-too-long"
    status = HTTPStatus.REQUEST_URI_TOO_LONG
    title = "The address is too long"
    advice = "No request of this API needs more than 16 KiB of path and query."


class HeadersTooLarge(AppError):
    """The headers are larger or more than any request of this API needs (RFC 6585, section 5)."""

    code = "headers-too-large"
    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    title = "The headers are too large"
    advice = "Send at most 100 headers of 32 KiB in all; most often cookies of other services are the cause."


class UnsupportedMediaType(AppError):
    """Only JSON is taken, which also keeps plain cross-site forms out; introspection alone takes a form."""

    code = "unsupported-media-type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = "The body is of a type that is not accepted here"
    advice = "Send `Content-Type: application/json`, and `application/x-www-form-urlencoded` to `POST /introspect`."


def _detail(message: str) -> str:
    return _VALUE.sub("", _PATH.sub("", message))


def _pointer(key: str) -> str:
    """`$.a[0].b`-like places as a JSON pointer (RFC 6901)."""
    if key == "data":  # the framework's name for the body as a whole
        return ""
    path = _INDEX.sub(r".\1", key).lstrip("$").strip(".")
    return "/" + path.replace(".", "/") if path else ""
