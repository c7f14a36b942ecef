"""Every error leaves as one RFC 9457 problem document."""

import traceback
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)

from app.errors import AppError, NotFound
from app.http.input_errors import BodyTooLarge, MalformedRequest, MethodNotAllowed, ValidationFailed
from app.http.problem_page import problem_page, wants_page

MEDIA_TYPE = "application/problem+json"
PROBLEMS_PATH = "/auth/api/v1/problems"

log = structlog.get_logger(__name__)


class FieldError(msgspec.Struct, kw_only=True):
    """One value that is not acceptable."""

    pointer: str
    detail: str


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An error (RFC 9457). `code` is stable; `request_id` is what to tell the operators."""

    type: str
    title: str
    status: int
    code: str
    request_id: str
    detail: str | None = None
    errors: list[FieldError] | None = None
    permissions: list[str] | None = None


def problem_document(error: AppError, request_id: str) -> dict[str, Any]:
    """The members of the problem; `detail` only where this occurrence has something to add."""
    document: dict[str, Any] = {
        "type": f"{PROBLEMS_PATH}/{error.code}",
        "title": error.title,
        "status": int(error.status),
        "code": error.code,
        "request_id": request_id,
    }
    if error.detail:
        document["detail"] = error.detail
    return document | error.extra


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The exception handler of the whole application."""
    problem = _as_app_error(error)
    if problem.code == AppError.code:
        # The message and the local variables may quote input; the places do not.
        places = "".join(traceback.format_tb(error.__traceback__))
        log.error("request.crashed", error=type(error).__name__, places=places)
    request.scope["state"]["problem"] = problem.code
    if wants_page(request):
        return problem_page(request, problem)
    document = problem_document(problem, request.scope["state"].get("request_id", ""))
    return Response(
        content=document,
        status_code=int(problem.status),
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **problem.headers},
    )


def _as_app_error(error: Exception) -> AppError:
    match error:
        case AppError():
            return error
        case ValidationException():
            return ValidationFailed.of(error)
        case MethodNotAllowedException():
            return MethodNotAllowed(headers=dict(error.headers or {}))
        case NotFoundException():
            return NotFound()
        case HTTPException() if error.status_code == BodyTooLarge.status:
            return BodyTooLarge()
        case ClientException():
            return MalformedRequest()
        case _:
            return AppError()
