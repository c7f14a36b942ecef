"""Social sign-in over HTTP."""

from litestar import Router

from app.social.routes.assistant import complete_link_route
from app.social.routes.linked import link_social_account, list_social_accounts, unlink_social_account
from app.social.routes.native import social_native
from app.social.routes.shared import LoginCookie
from app.social.routes.sign_in import (
    exchange_code,
    list_providers,
    social_authorize,
    social_authorize_by_path,
    social_login,
)

__all__ = ["LoginCookie", "routes"]

routes = Router(
    "/",
    route_handlers=[
        list_providers,
        social_login,
        social_authorize,
        social_authorize_by_path,
        exchange_code,
        social_native,
        complete_link_route,
        list_social_accounts,
        link_social_account,
        unlink_social_account,
    ],
)
