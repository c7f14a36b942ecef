"""The few pages that people see: static files, or text that was escaped, under a policy that runs no foreign script."""

from pathlib import Path

from litestar import MediaType, Response, Router, get

PAGES = Path(__file__).parent / "assets" / "pages"
PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def html_page(content: bytes | str, *, csp: str = PAGE_CSP, status_code: int = 200) -> Response[bytes | str]:
    """An HTML answer that nobody keeps."""
    headers = {"Content-Security-Policy": csp, "Cache-Control": "no-store"}
    return Response(content, status_code=status_code, media_type=MediaType.HTML, headers=headers)


@get("/email/confirm", include_in_schema=False)
async def show_confirm_page() -> Response[bytes | str]:
    """Where confirmation mails lead. Opening it changes nothing: mail scanners open every link."""
    return html_page((PAGES / "confirm.html").read_bytes())


@get("/email/undo", include_in_schema=False)
async def show_undo_page() -> Response[bytes | str]:
    """Where mails to a former address lead. Opening it changes nothing either."""
    return html_page((PAGES / "undo.html").read_bytes())


@get("/login/deny", include_in_schema=False)
async def show_deny_page() -> Response[bytes | str]:
    """Where mails about a sign-in from a new device lead. Opening it changes nothing either."""
    return html_page((PAGES / "deny.html").read_bytes())


@get("/password/reset", include_in_schema=False)
async def show_reset_page() -> Response[bytes | str]:
    """Where mails about a forgotten password lead."""
    return html_page((PAGES / "reset.html").read_bytes())


routes = Router("/", route_handlers=[show_confirm_page, show_undo_page, show_deny_page, show_reset_page])
