"""What the API tells about itself: Swagger UI, the OpenAPI document, explanations of problems."""

import re
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Router, get
from litestar.datastructures import ResponseHeader
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag
from litestar.params import FromPath
from litestar.static_files import create_static_files_router

from app.errors import AppError, NotFound
from app.http.openapi import query_problems

ASSETS = Path(__file__).parent / "assets"
# Swagger UI sets style attributes; scripts come from our own files only.
SWAGGER_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
DESCRIPTION = (
    "Registration and sign-in by password or with Yandex, VK, Google and Mail.ru; JWT pairs that the cinema's "
    "other services verify by the public keys. Every error is an RFC 9457 problem with a stable `code`; "
    "`GET /problems/{code}` explains it. Press **Authorize** and paste an `access_token` to try the rest."
)


class SwaggerUi(OpenAPIRenderPlugin):
    """The page at the base path; everything on it is served from here, so it works offline."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return (ASSETS / "swagger" / "page.html").read_bytes()

    def receive_router(self, router: Router) -> None:
        """Take back the framework's HTML page for unknown paths: they answer a problem, as everywhere."""
        router.routes[:] = [route for route in router.routes if not route.path.endswith("/{path:str}")]


class ProblemType(msgspec.Struct, kw_only=True):
    """What a problem code means and what to do about it."""

    code: str
    status: int
    title: str
    meaning: str
    advice: str


@get(
    "/problems/{code:str}",
    operation_id="explain_problem",
    summary="What an error means and what to do",
    tags=["Service"],
    responses=query_problems(NotFound),
)
async def explain_problem(code: FromPath[str]) -> ProblemType:
    """Every problem's `type` leads here."""
    error = AppError.catalogue.get(code)
    if error is None:
        raise NotFound
    meaning = re.split(r"\n\s*(Args|Raises):|\n\s*\n", (error.__doc__ or "").strip())[0]
    return ProblemType(
        code=error.code,
        status=int(error.status),
        title=error.title,
        meaning=" ".join(meaning.split()),
        advice=error.advice,
    )


assets = create_static_files_router("/assets", directories=[ASSETS], include_in_schema=False)

routes = Router("/", route_handlers=[explain_problem, assets])


def openapi_config(base_path: str, version: str) -> OpenAPIConfig:
    """Serves `{base_path}/` and `{base_path}/openapi.json`."""
    csp = ResponseHeader(name="Content-Security-Policy", value=SWAGGER_CSP, documentation_only=False)
    return OpenAPIConfig(
        title="Cinema Auth",
        version=version,
        summary="Sign-in service of an online cinema",
        description=DESCRIPTION,
        components=Components(
            security_schemes={
                "access_token": SecurityScheme(
                    type="http", scheme="bearer", bearer_format="JWT", description="The `access_token` of a pair."
                ),
                "service_client": SecurityScheme(
                    type="http", scheme="basic", description="Id and secret of one of the cinema's services."
                ),
            }
        ),
        tags=[
            Tag("Accounts", "Registration, confirmation, the own profile"),
            Tag("Sign-in", "Tokens and sessions"),
            Tag("Social sign-in", "Yandex, VK, Google, Mail.ru"),
            Tag("Administration", "Roles and accounts; needs permissions"),
            Tag("Service", "Keys and explanations"),
        ],
        use_handler_docstrings=True,
        openapi_router=Router(base_path, route_handlers=[], include_in_schema=False, response_headers=[csp]),
        render_plugins=[SwaggerUi(path="/")],
    )
