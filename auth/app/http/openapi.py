"""How the OpenAPI document describes what all routes share."""

from collections import defaultdict

from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example

from app.errors import AppError, AuthenticationRequired, TemporarilyUnavailable
from app.http.input_errors import AddressTooLong, BodyTooLarge, MalformedRequest, UnsupportedMediaType, ValidationFailed
from app.http.permissions import Permission, PermissionDenied
from app.http.problems import MEDIA_TYPE, Problem, problem_document

SAMPLE_REQUEST_ID = "01997b2e-7c1f-7d54-b1f4-5a3c5d0b7e11"
BEARER = [{"access_token": list[str]()}]
SERVICE_CLIENT = [{"service_client": list[str]()}]


def needs(*permissions: Permission) -> list[dict[str, list[str]]]:
    """The `security` of a route whose caller must hold permissions; `http.principal` sees to it.

    OpenAPI 3.1 lists them where OAuth would have its scopes.
    """
    return [{"access_token": [*permissions]}]


def problems(*errors: type[AppError]) -> dict[int, ResponseSpec]:
    """The `responses` of a route: each problem that it can answer with, by status, with an example."""
    by_status: dict[int, list[type[AppError]]] = defaultdict(list)
    for error in errors:
        by_status[int(error.status)].append(error)
    return {
        status: ResponseSpec(
            data_container=Problem,
            description="; ".join(error.title for error in group),
            media_type=MEDIA_TYPE,
            generate_examples=False,
            examples=[_example(error) for error in group],
        )
        for status, group in by_status.items()
    }


def body_problems(*errors: type[AppError]) -> dict[int, ResponseSpec]:
    """The same for a route that takes a JSON body."""
    return problems(MalformedRequest, BodyTooLarge, UnsupportedMediaType, ValidationFailed, *errors)


def query_problems(*errors: type[AppError]) -> dict[int, ResponseSpec]:
    """The same for a route that reads path or query parameters."""
    return problems(MalformedRequest, AddressTooLong, ValidationFailed, *errors)


def principal_problems(*errors: type[AppError]) -> dict[int, ResponseSpec]:
    """The same for a route that needs a signed-in caller."""
    return problems(AuthenticationRequired, TemporarilyUnavailable, *errors)


def permission_problems(*errors: type[AppError]) -> dict[int, ResponseSpec]:
    """The same for a route whose caller must hold a permission, and which reads path, query or body."""
    return body_problems(AuthenticationRequired, PermissionDenied, AddressTooLong, TemporarilyUnavailable, *errors)


def _example(error: type[AppError]) -> Example:
    sample = error.__new__(error)
    AppError.__init__(sample)
    return Example(id=error.code, summary=error.title, value=problem_document(sample, SAMPLE_REQUEST_ID))
