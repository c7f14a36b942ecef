"""The client side of the four protocols, as plain as a test needs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import aiohttp
from yarl import URL

from emulator import Provider
from emulator.pkce import s256

VERIFIER = "verifier-verifier-verifier-verifier-verifier"
STATE = "state-state-state-state-state-state-state-43"

_AUTHORIZE: Mapping[Provider, dict[str, str]] = {
    "yandex": {},
    "vk": {
        "code_challenge": s256(VERIFIER),
        "code_challenge_method": "s256",
        "scope": "vkid.personal_info email phone",
    },
    "google": {"scope": "openid email profile", "nonce": "nonce-1"},
    "mail": {"scope": "userinfo"},
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A complete HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    json: Any = None

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def callback(self) -> dict[str, str]:
        """The parameters of the redirect; a repeated one fails the test."""
        pairs = parse_qsl(urlsplit(self.headers["Location"]).query, keep_blank_values=True)
        assert len(dict(pairs)) == len(pairs), "a callback parameter is repeated"
        return dict(pairs)

    @property
    def callback_lists(self) -> dict[str, list[str]]:
        """The parameters of the redirect, repeated ones included."""
        return parse_qs(urlsplit(self.headers["Location"]).query)


class Client:
    """Speaks to the emulator as a well-behaved client would, unless told otherwise."""

    def __init__(self, environment: Mapping[str, str], redirect_base: str) -> None:
        self._environment = environment
        self._redirect_base = redirect_base
        self._session = aiohttp.ClientSession(auto_decompress=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    def setting(self, provider: Provider, name: str) -> str:
        """A setting of the provider; Google's addresses follow from its issuer."""
        issuer = self._environment["AUTH_GOOGLE_ISSUER"]
        google = {
            "AUTHORIZE_URL": f"{issuer}/o/oauth2/v2/auth",
            "TOKEN_URL": f"{issuer}/token",
            "PROFILE_URL": f"{issuer}/v1/userinfo",
        }
        if provider == "google" and name in google:
            return google[name]
        return self._environment[f"AUTH_{provider.upper()}_{name}"]

    def redirect_uri(self, provider: Provider) -> str:
        """The address registered for the provider."""
        return f"{self._redirect_base}?social={provider}"

    def authorize_url(self, provider: Provider, **changes: str | None) -> str:
        """An authorize URL; a parameter of None is left out."""
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.setting(provider, "CLIENT_ID"),
            "redirect_uri": self.redirect_uri(provider),
            "state": STATE,
            **_AUTHORIZE[provider],
            **changes,
        }
        present = {name: value for name, value in parameters.items() if value is not None}
        return f"{self.setting(provider, 'AUTHORIZE_URL')}?{urlencode(present)}"

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET, without following redirects."""
        return await self.request("GET", url, headers=headers)

    async def post(
        self,
        url: str,
        form: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> Answer:
        """POST a form or JSON, without following redirects."""
        return await self.request("POST", url, data=form, headers=headers, json=json)

    async def request(self, method: str, url: str, **options: Any) -> Answer:
        """Any request; the URL goes out as it is."""
        target = URL(url, encoded=True)
        async with self._session.request(method, target, allow_redirects=False, **options) as response:
            body = await response.read()
            document = await response.json() if response.content_type == "application/json" and body else None
            return Answer(status=response.status, headers=response.headers, body=body, json=document)

    async def authorize(self, provider: Provider, **changes: str | None) -> Answer:
        """Send the browser to the provider."""
        return await self.get(self.authorize_url(provider, **changes))

    def exchange_form(self, provider: Provider, callback: Mapping[str, str]) -> dict[str, str]:
        """The form that redeems the code of a callback."""
        form = {
            "grant_type": "authorization_code",
            "code": callback["code"],
            "redirect_uri": self.redirect_uri(provider),
            "client_id": self.setting(provider, "CLIENT_ID"),
        }
        if provider == "vk":
            return form | {"code_verifier": VERIFIER, "device_id": callback["device_id"], "state": "token-state"}
        return form | {"client_secret": self.setting(provider, "CLIENT_SECRET")}

    async def token(self, provider: Provider, form: Mapping[str, str], *drop: str, **changes: str) -> Answer:
        """Post to the token endpoint, some fields changed or dropped."""
        fields = {name: value for name, value in {**form, **changes}.items() if name not in drop}
        return await self.post(self.setting(provider, "TOKEN_URL"), fields)

    async def sign_in(self, provider: Provider, **changes: str | None) -> Any:
        """Authorize and redeem; the token reply."""
        callback = (await self.authorize(provider, **changes)).callback
        answer = await self.token(provider, self.exchange_form(provider, callback))
        assert answer.status == 200, answer.text
        return answer.json

    async def profile(self, provider: Provider, token: str) -> Answer:
        """Read the profile in the provider's preferred way."""
        url = self.setting(provider, "PROFILE_URL")
        match provider:
            case "yandex":
                return await self.get(f"{url}?format=json", {"Authorization": f"OAuth {token}"})
            case "vk":
                form = {"access_token": token, "client_id": self.setting("vk", "CLIENT_ID")}
                return await self.post(url, form)
            case "google":
                return await self.get(url, {"Authorization": f"Bearer {token}"})
            case _:
                return await self.get(f"{url}?access_token={token}")
