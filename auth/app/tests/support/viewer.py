"""A person with a browser: cookies of their own, JSON in and out, no redirects followed unseen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp

PASSWORD = "four slow green trams"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer, read to its end."""

    status: int
    headers: Any
    text: str
    json: Any

    @property
    def code(self) -> str | None:
        """The problem code, if the answer is a problem."""
        is_problem = self.headers.get("content-type", "").startswith("application/problem+json")
        return self.json["code"] if is_problem else None

    @property
    def location(self) -> str:
        return str(self.headers["location"])

    @property
    def location_query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.location).query, keep_blank_values=True))


class Viewer:
    """Calls the API as a front end would."""

    def __init__(self, api: str, session: aiohttp.ClientSession) -> None:
        self.api = api
        self.session = session
        self.access_token = ""
        self.refresh_token = ""

    @classmethod
    @asynccontextmanager
    async def open(cls, api: str, headers: dict[str, str]) -> AsyncIterator["Viewer"]:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar, headers=headers) as session:
            yield cls(api, session)

    async def call(self, method: str, path: str, **options: Any) -> Answer:
        """Send one request; `path` is below the base path, or a whole address."""
        url = path if "://" in path else self.api + path
        if self.access_token:
            options["headers"] = {"Authorization": f"Bearer {self.access_token}", **options.get("headers", {})}
        async with self.session.request(method, url, allow_redirects=False, **options) as answer:
            text = await answer.text(errors="replace")
            is_json = "json" in answer.headers.get("content-type", "")
            return Answer(
                status=answer.status, headers=answer.headers, text=text, json=await answer.json(content_type=None)
                if is_json and text else None,
            )  # fmt: skip

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.call("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return await self.call("POST", path, **({"json": body} if body is not None else {}), **options)

    async def delete(self, path: str) -> Answer:
        return await self.call("DELETE", path)

    def keep(self, answer: Answer) -> Answer:
        """Use the pair of an answer from now on."""
        self.access_token = answer.json["access_token"]
        self.refresh_token = answer.json["refresh_token"]
        return answer

    async def login(self, email: str, password: str = PASSWORD) -> Answer:
        """Sign in by password and keep the pair if it succeeds."""
        answer = await self.post("/login", {"email": email, "password": password})
        return self.keep(answer) if answer.status == 200 else answer

    async def refresh(self, refresh_token: str | None = None) -> Answer:
        return await self.post("/refresh", {"refresh_token": refresh_token or self.refresh_token})

    async def depart(self, social: str, **options: str) -> Answer:
        """Begin a social sign-in; the answer redirects to the provider."""
        return await self.get("/oauth/login", params={"social": social, **options})

    async def visit_provider(self, departure: Answer) -> str:
        """Follow to the provider, whose standing decision sends the browser back; give that address."""
        answer = await self.get(departure.location, headers={"Authorization": ""})
        return answer.location

    async def sign_in_with(self, social: str, **options: str) -> Answer:
        """The whole way to a provider and back; keeps the pair if there is one."""
        answer = await self.get(await self.visit_provider(await self.depart(social, **options)))
        return self.keep(answer) if answer.status == 200 else answer
