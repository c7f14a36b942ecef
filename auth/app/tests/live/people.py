"""Accounts for the tests, made and removed behind the API's back: nobody outside gets a mail."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select
from uuid_utils.compat import uuid7

from app.accounts.email_address import parse_email
from app.accounts.model import MailToken, MailTokenPurpose, User
from app.bootstrap import Services
from app.http.client import Client
from app.http.limits import LOGIN_NETWORK, REGISTER_NETWORK, TOKEN_GUESS_NETWORK, _digest
from app.http.principal import Principal
from app.mail.token import new_mail_token
from app.sessions.end import logout_everywhere
from app.storage.sql.tables import login_history, mail_tokens, outbox, sessions, token_states, users
from app.tests.support.viewer import PASSWORD, Viewer

RUN = secrets.token_hex(4)
DOMAIN = f"{RUN}.auth.test"  # no mail ever leaves for `.test`
CAUGHT_DOMAIN = f"{RUN}.auth.example"  # for a mail that has to leave: only where a catcher takes it
AGENT = f"auth-tests/{RUN}"


class People:
    """Everybody whom one test knows.

    Args:
        api: where they call.
    """

    def __init__(self, services: Services, api: str) -> None:
        self._services = services
        self._api = api
        self._others: set[UUID] = set()

    def new_address(self, domain: str = DOMAIN) -> str:
        """An address that nobody has."""
        return f"{secrets.token_hex(4)}@{domain}"

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[Viewer]:
        """Somebody with a browser of their own, not signed in."""
        async with Viewer.open(self._api, {"User-Agent": AGENT}) as viewer:
            yield viewer

    async def add(self, email: str = "", *, confirmed: bool = True) -> str:
        """Make an account with `PASSWORD`; tell its address."""
        address = parse_email(email or self.new_address())
        now = self._services.accounts.clock.now()
        user = User(
            id=uuid7(),
            created_at=now,
            email=address.display,
            email_confirmed_at=now if confirmed else None,
            password_hash=await self._services.accounts.passwords.hash(PASSWORD),
        )
        async with self._services.storage.transaction() as tx:
            await tx.users.add(user, email_key=address.key)
        return address.display

    @asynccontextmanager
    async def signed_in(self, email: str = "") -> AsyncIterator[Viewer]:
        """Somebody with a confirmed account, signed in on a device of their own."""
        async with self.visitor() as viewer:
            answer = await viewer.login(email or await self.add())
            assert answer.status == 200, answer.text
            yield viewer

    async def mail_token(self, email: str, purpose: MailTokenPurpose) -> str:
        """What the link of a mail would hold."""
        new = new_mail_token()
        async with self._services.storage.transaction() as tx:
            user = await tx.users.find_by_email(parse_email(email))
            assert user is not None
            token = MailToken(
                token_hash=new.token_hash,
                purpose=purpose,
                user_id=user.id,
                email=email,
                expires_at=self._services.accounts.clock.now() + timedelta(minutes=5),
                password_hash=user.password_hash if purpose is MailTokenPurpose.CONFIRM_EMAIL else None,
            )
            await tx.mail_tokens.add(token)
        return new.token

    async def forgive_counted(self, address: str) -> None:
        """Begin to count anew what comes from the tests' network: they may run as often as one likes."""
        network = Client(address=address, user_agent=AGENT).network
        counted = self._services.limits
        for limit in (LOGIN_NETWORK, REGISTER_NETWORK, TOKEN_GUESS_NETWORK):
            await counted._limiter.clear(limit.item, limit.name, _digest((network,)))

    def remove_later(self, user_id: str) -> None:
        """Remember an account that has no address of the tests."""
        self._others.add(UUID(user_id))

    async def remove_all(self) -> None:
        """Remove whatever the tests of this run have caused, and make sure that nothing is left."""
        async with self._services.storage.transaction() as tx:
            ours = list(await tx._connection.scalars(select(users.c.id).where(self._our_users())))
        for user_id in ours:
            everywhere = Principal(user_id=user_id, session_id=user_id, roles=())
            await logout_everywhere(self._services.sessions, everywhere, Client(address="127.0.0.1", user_agent=AGENT))
        async with self._services.storage.transaction() as tx:
            await tx._connection.execute(delete(token_states).where(token_states.c.user_id.in_(ours)))
            for table, condition in self._traces():
                await tx._connection.execute(delete(table).where(condition))
        assert await self._leftovers() == {}

    async def _leftovers(self) -> dict[str, int]:
        async with self._services.storage.transaction() as tx:
            counts = {
                table.name: await tx._connection.scalar(select(func.count()).select_from(table).where(condition))
                for table, condition in self._traces()
            }
        return {name: count for name, count in counts.items() if count}

    def _traces(self) -> list[tuple[Any, ColumnElement[bool]]]:
        """Where the tests leave something, and how to know it. What belongs to an account goes with it."""
        return [
            (login_history, login_history.c.user_agent == AGENT),
            (sessions, sessions.c.user_agent == AGENT),
            (outbox, _is_our_address(outbox.c.to)),
            (mail_tokens, _is_our_address(mail_tokens.c.email)),
            (users, self._our_users()),
        ]

    def _our_users(self) -> ColumnElement[bool]:
        return or_(_is_our_address(users.c.email_key), users.c.id.in_(self._others))


def _is_our_address(column: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(*(column.endswith(f"@{domain}") for domain in (DOMAIN, CAUGHT_DOMAIN)))
