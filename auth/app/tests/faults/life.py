"""What one person does with the service, one thing after the other, all the time."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Collection
from itertools import count
from typing import TYPE_CHECKING, Any

import aiohttp

from app.settings import BASE_PATH
from app.tests.faults.installation import PUBLIC_URL
from app.tests.faults.ledger import Device, Person
from app.tests.support.viewer import PASSWORD, Answer, Viewer

if TYPE_CHECKING:
    from app.tests.faults.crowd import Crowd

NO_HANG_SECONDS = 15  # far more than any answer may take, for machines that are busy
PAUSE_SECONDS = 0.02
PAUSE_AFTER_REFUSAL_SECONDS = 0.25
MOST_DEVICES = 4
OK, DONE = (200,), (204,)
SPENT = (400, 401, 403, 404, 410, 422)
_addresses = count(1)


class Life:
    """Chooses at random, in fixed proportions: mostly people look at something."""

    def __init__(self, crowd: "Crowd", person: Person) -> None:
        self.stop = asyncio.Event()
        self._crowd = crowd
        self._person = person
        self._random = random.Random(person.name)
        self._confirmed_without_answer = False
        self._viewer: Viewer

    async def live(self) -> None:
        async with Viewer.open("", {}) as self._viewer:
            while not self.stop.is_set():
                if await self._choose()():
                    self._crowd.succeeded(self._person)
                    await asyncio.sleep(PAUSE_SECONDS)
                else:
                    await asyncio.sleep(PAUSE_AFTER_REFUSAL_SECONDS)

    def _choose(self) -> Callable[[], Awaitable[bool]]:
        person = self._person
        for device in person.devices:  # what got no answer is repeated first, as every client does
            if device.unanswered:
                return lambda: self._refresh(device)
            if device.leaving:
                return lambda: self._log_out(device)
        enter = self._enter()
        if not person.devices:
            return enter
        device = self._random.choice(person.devices)
        [chosen] = self._random.choices(
            [
                lambda: self._look(device),
                lambda: self._refresh(device),
                enter if len(person.devices) < MOST_DEVICES else lambda: self._log_out(device),
                self._bring_somebody,
                lambda: self._log_out(device),
                lambda: self._log_out_everywhere(device),
            ],
            weights=[60, 20, 10, 6, 3, 1],
        )
        return chosen

    def _enter(self) -> Callable[[], Awaitable[bool]]:
        person = self._person
        if person.social:
            return self._sign_in_at_a_provider
        if not person.is_registered:
            return lambda: self._register(person)
        return self._sign_in if person.is_confirmed else lambda: self._confirm(person)

    async def _look(self, device: Device) -> bool:
        answer = await self._ask("look", "GET", "/me", token=device.access_token)
        if answer:
            self._person.ids.add(answer.json["id"])
        return answer is not None

    async def _refresh(self, device: Device) -> bool:
        answer = await self._ask("refresh", "POST", "/refresh", {"refresh_token": device.newest})
        device.unanswered = answer is None
        if answer:
            device.refreshed(answer.json)
        return answer is not None

    async def _sign_in(self) -> bool:
        credentials = {"email": self._person.email, "password": PASSWORD}
        answer = await self._ask("sign in", "POST", "/login", credentials)
        if answer:
            self._person.signed_in(answer.json)
        return answer is not None

    async def _sign_in_at_a_provider(self) -> bool:
        departure = await self._ask("depart", "GET", f"/oauth/login?social={self._person.social}", right=(302,))
        if departure is None:
            return False
        callback = (await self._viewer.get(departure.location)).location.removeprefix(PUBLIC_URL + BASE_PATH)
        right = (200, 400) if "lost attempts" in self._crowd.allowed else OK
        answer = await self._ask("return", "GET", callback, right=right)
        if answer is None or answer.status != 200:
            return False
        self._person.signed_in(answer.json)
        return True

    async def _register(self, person: Person) -> bool:
        account = {"email": person.email, "password": PASSWORD}
        answer = await self._ask("register", "POST", "/register", account, right=(202,))
        person.is_registered = answer is not None
        return person.is_registered

    async def _confirm(self, person: Person) -> bool:
        tokens = self._crowd.installation.tokens_mailed_to(person.email)
        if not tokens:
            return False
        right = (*DONE, *SPENT) if self._confirmed_without_answer else DONE
        answer = await self._ask("confirm", "POST", "/email/confirm", {"token": tokens[-1]}, right=right)
        self._confirmed_without_answer = answer is None
        person.is_confirmed = answer is not None
        return person.is_confirmed

    async def _bring_somebody(self) -> bool:
        """Confirm one newcomer or register another."""
        newcomers = self._crowd.ledger.newcomers
        waiting = [each for each in newcomers if not each.is_confirmed and each.brought_by is self._person]
        if waiting and self._crowd.installation.tokens_mailed_to(waiting[0].email):
            return await self._confirm(waiting[0])
        somebody = self._crowd.ledger.newcomer(self._person)
        is_registered = await self._register(somebody)
        if is_registered:
            newcomers.append(somebody)
        return is_registered

    async def _log_out(self, device: Device) -> bool:
        right = (204, 401) if device.leaving else DONE
        answer = await self._ask("log out", "POST", "/logout", token=device.access_token, right=right)
        device.leaving = answer is None
        if answer:
            self._person.left(device)
        return answer is not None

    async def _log_out_everywhere(self, device: Device) -> bool:
        answer = await self._ask("log out all", "POST", "/logout/all", token=device.access_token, right=DONE)
        for each in list(self._person.devices):
            each.leaving = answer is None
            if answer:
                self._person.left(each)
        return answer is not None

    async def _ask(
        self, what: str, method: str, path: str, body: Any = None, *, token: str = "", right: Collection[int] = OK
    ) -> Answer | None:
        """Send one request to one of the services; give the answer if it is what was wanted."""
        number = next(_addresses)  # everybody comes from everywhere, so that no limit is reached
        headers = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        options: dict[str, Any] = {"headers": headers} | ({} if body is None else {"json": body})
        url = self._random.choice(self._crowd.services).url + BASE_PATH + path
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self._crowd.gives_up_seconds):
                answer = await self._viewer.call(method, url, **options)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self._crowd.got_nothing(what, error)
            return None
        return answer if self._crowd.judge(what, answer, right, time.monotonic() - begun) else None
