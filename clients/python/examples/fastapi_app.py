"""A service of the cinema on FastAPI. README.md says how to run it."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from cinema_auth import Claims, TokenInvalid, Unavailable, Verifier, bearer_token

verifier = Verifier(
    os.environ["CINEMA_AUTH_URL"],
    client_id=os.environ["CINEMA_AUTH_CLIENT_ID"],
    client_secret=os.environ["CINEMA_AUTH_CLIENT_SECRET"],
)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    with verifier:
        yield


app = FastAPI(lifespan=lifespan)


async def current_user(request: Request) -> Claims:
    return verifier.verify(bearer_token(request.headers.getlist("Authorization")))


CurrentUser = Annotated[Claims, Depends(current_user)]


def requires(role: str) -> Callable[[Claims], Awaitable[None]]:
    async def check(user: CurrentUser) -> None:
        if role not in user.roles:
            raise HTTPException(403, "the role is missing")

    return check


@app.exception_handler(TokenInvalid)
async def answer_401(_: Request, __: Exception) -> JSONResponse:
    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return JSONResponse({"detail": "sign in"}, 401, headers)


@app.exception_handler(Unavailable)
async def answer_503(_: Request, __: Exception) -> JSONResponse:
    return JSONResponse({"detail": "come back in a moment"}, 503, {"Retry-After": "1"})


@app.get("/watchlist")
async def watchlist(user: CurrentUser) -> dict[str, object]:
    return {"user": str(user.user_id), "films": []}


@app.post("/films", dependencies=[Depends(requires("superuser"))], status_code=204)
async def add_film() -> None: ...
