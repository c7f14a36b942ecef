"""What no service in Python can go below: the same Redis script and the same signatures behind a bare ASGI handler.

    uvicorn floor:app --app-dir benchmarks --loop uvloop --http httptools --workers 2

No framework, no validation, no limits, no log, and the signatures by `cryptography` and `hmac` without a library for
tokens between. `FLOOR_REDIS_URL` and `FLOOR_DATABASE_URL` lead to the stores of the measured service.
"""

import hmac
import os
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from redis.asyncio import Redis

from app.storage.redis.client import Script, script

SECRET = b"a sample secret of thirty-two by"
HEADERS = {
    "HS256": b'{"alg":"HS256","kid":"one","typ":"rt+jwt"}',
    "EdDSA": b'{"alg":"EdDSA","kid":"two","typ":"at+jwt"}',
}
HEADS = {algorithm: urlsafe_b64encode(header).rstrip(b"=") for algorithm, header in HEADERS.items()}
WINDOW, LIFE = 10_000_000, 300
JSON = [(b"content-type", b"application/json")]

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

private = Ed25519PrivateKey.from_private_bytes(SECRET)
public = private.public_key()
encode, decode = msgspec.json.Encoder().encode, msgspec.json.Decoder().decode


class TokenPair(msgspec.Struct):
    """An answer to `refresh`."""

    access_token: str
    refresh_token: str
    token_type: str = "Bearer"
    expires_in: int = LIFE


def sign(claims: dict[str, Any], algorithm: str) -> str:
    body = HEADS[algorithm] + b"." + urlsafe_b64encode(encode(claims)).rstrip(b"=")
    signature = hmac.digest(SECRET, body, "sha256") if algorithm == "HS256" else private.sign(body)
    return (body + b"." + urlsafe_b64encode(signature).rstrip(b"=")).decode()


def verify(token: bytes, algorithm: str) -> dict[str, Any]:
    body, _, signature = token.rpartition(b".")
    given = urlsafe_b64decode(signature + b"==")
    if algorithm == "EdDSA":
        public.verify(given, body)
    elif not hmac.compare_digest(given, hmac.digest(SECRET, body, "sha256")):
        raise ValueError("not ours")
    claims: dict[str, Any] = decode(urlsafe_b64decode(body.partition(b".")[2] + b"=="))
    return claims


def make_pair(user: str, session: str, generation: int) -> TokenPair:
    now = int(time.time())
    common: dict[str, Any] = {"iss": "https://auth.cinema.example", "sub": user, "sid": session, "iat": now}
    access = common | {"aud": "cinema", "jti": f"{session}.{generation}", "exp": now + LIFE, "roles": []}
    refresh = common | {"gen": generation, "exp": now + LIFE}
    return TokenPair(access_token=sign(access, "EdDSA"), refresh_token=sign(refresh, "HS256"))


def keys(claims: dict[str, Any]) -> list[str]:
    user, session = claims["sub"].replace("-", ""), claims["sid"].replace("-", "")
    return [f"auth:{{{user}}}:session:{session}", f"auth:{{{user}}}:roles"]


@cache
def redis() -> Redis:
    return Redis.from_url(os.environ["FLOOR_REDIS_URL"])


async def run(chosen: Script, claims: dict[str, Any], *arguments: int) -> Any:
    return await redis().evalsha(chosen.digest, 2, *keys(claims), *arguments)


async def refresh(scope: Scope, body: bytes) -> Any:
    claims = verify(decode(body)["refresh_token"].encode(), "HS256")
    answer = await run(script("rotate"), claims, claims["gen"], time.time_ns() // 1000, WINDOW, 0)
    if answer[0] != b"rotated":
        raise ValueError(answer)
    return make_pair(claims["sub"], claims["sid"], int(answer[2]))


async def introspect(scope: Scope, body: bytes) -> Any:
    claims = verify(body.removeprefix(b"token="), "EdDSA")
    answer = await run(script("find"), claims)
    return {"active": answer[3] == b"0", **claims}


async def get_me(scope: Scope, body: bytes) -> Any:
    token = next(value for name, value in scope["headers"] if name == b"authorization").removeprefix(b"Bearer ")
    claims = verify(token, "EdDSA")
    answer = await run(script("find"), claims)
    row = await pool().fetchrow("SELECT id, email, name, locale FROM users WHERE id = $1", UUID(claims["sub"]))
    return {"roles": answer[4].decode(), **row}


@cache
def pool() -> Any:
    return asyncpg.create_pool(os.environ["FLOOR_DATABASE_URL"], min_size=1, max_size=10)


async def ready(scope: Scope, body: bytes) -> Any:
    return {}


HANDLERS = {"/ready": ready, "/refresh": refresh, "/introspect": introspect, "/get_me": get_me}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await live(receive, send)
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    answer = encode(await HANDLERS[scope["path"]](scope, body))
    headers = [*JSON, (b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


async def live(receive: Receive, send: Send) -> None:
    """Load the scripts and connect before the first request, and leave properly."""
    await receive()
    for name in ("rotate", "find"):
        await redis().script_load(script(name).text)
    await pool()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await redis().aclose()
    await pool().close()
    await send({"type": "lifespan.shutdown.complete"})
