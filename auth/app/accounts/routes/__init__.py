"""Accounts over HTTP."""

from litestar import Router

from app.accounts.routes.consents import give_consent_route, list_consents_route, withdraw_consent_route
from app.accounts.routes.email import (
    change_email_route,
    confirm_email_route,
    resend_confirmation_route,
    undo_email_change_route,
)
from app.accounts.routes.own_data import delete_me_route, export_me_route
from app.accounts.routes.passwords import (
    change_password_route,
    deny_sign_in_route,
    forgot_password_route,
    login_route,
    reset_password_route,
)
from app.accounts.routes.profile import get_me, update_me
from app.accounts.routes.registration import register_route
from app.accounts.routes.user_roles import grant_role_route, list_user_roles_route, revoke_role_route
from app.accounts.routes.users import (
    get_user_route,
    list_user_logins_route,
    list_users_route,
    logout_user_route,
    update_user_route,
)

routes = Router(
    "/",
    route_handlers=[
        register_route,
        confirm_email_route,
        resend_confirmation_route,
        forgot_password_route,
        reset_password_route,
        login_route,
        change_password_route,
        deny_sign_in_route,
        change_email_route,
        undo_email_change_route,
        get_me,
        update_me,
        export_me_route,
        delete_me_route,
        list_consents_route,
        give_consent_route,
        withdraw_consent_route,
        list_users_route,
        get_user_route,
        update_user_route,
        list_user_logins_route,
        logout_user_route,
        list_user_roles_route,
        grant_role_route,
        revoke_role_route,
    ],
)
