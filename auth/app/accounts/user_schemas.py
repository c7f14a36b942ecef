"""Bodies of the routes about other people."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from app.accounts.find_users import UserView
from app.accounts.schemas import Locale
from app.http.paging import PageBody
from app.sessions.model import LoginEvent
from app.sessions.schemas import LoginEventBody


class UserBody(msgspec.Struct, kw_only=True):
    """An account as those who administer see it."""

    id: UUID
    email: str | None
    email_confirmed: bool
    name: str | None
    locale: Locale
    roles: list[str]
    has_password: bool
    created_at: datetime
    blocked: bool
    blocked_at: datetime | None

    @classmethod
    def of(cls, view: UserView) -> "UserBody":
        user = view.user
        return cls(
            id=user.id,
            email=user.email,
            email_confirmed=user.email_confirmed_at is not None,
            name=user.name,
            locale="en" if user.locale == "en" else "ru",
            roles=list(view.roles),
            has_password=user.password_hash is not None,
            created_at=user.created_at,
            blocked=user.blocked_at is not None,
            blocked_at=user.blocked_at,
        )


class UserPageBody(PageBody, kw_only=True):
    """Accounts, the newest first."""

    items: list[UserBody]


class UpdateUserBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to change; a member left out keeps its value."""

    blocked: bool | msgspec.UnsetType = msgspec.UNSET


class UserLoginBody(LoginEventBody, kw_only=True):
    """One line of somebody's login history."""

    actor_id: Annotated[UUID | None, msgspec.Meta(description="The account that did it by its permissions.")]

    @classmethod
    def told_to_administrators(cls, event: LoginEvent) -> "UserLoginBody":
        shown = LoginEventBody.of(event)
        return cls(actor_id=event.actor_id, **{name: getattr(shown, name) for name in shown.__struct_fields__})


class UserLoginPageBody(PageBody, kw_only=True):
    """A page of somebody's login history, newest first."""

    items: list[UserLoginBody]
