"""Accounts over HTTP."""

from litestar import Router

from app.accounts.routes.passwords import forgot_password_route, login_route, reset_password_route
from app.accounts.routes.profile import get_me, update_me
from app.accounts.routes.registration import confirm_email_route, register_route, resend_confirmation_route

routes = Router(
    "/",
    route_handlers=[
        register_route,
        confirm_email_route,
        resend_confirmation_route,
        forgot_password_route,
        reset_password_route,
        login_route,
        get_me,
        update_me,
    ],
)
