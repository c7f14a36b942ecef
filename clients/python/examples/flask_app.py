"""A service of the cinema on Flask. README.md says how to run it; in Django the same goes into a decorator of views."""

import os
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, abort, g, request
from flask.typing import ResponseReturnValue

from cinema_auth import Claims, TokenInvalid, Unavailable, Verifier, bearer_token

P = ParamSpec("P")
R = TypeVar("R")

verifier = Verifier(
    os.environ["CINEMA_AUTH_URL"],
    client_id=os.environ["CINEMA_AUTH_CLIENT_ID"],
    client_secret=os.environ["CINEMA_AUTH_CLIENT_SECRET"],
)
verifier.start()
app = Flask(__name__)


def current_user() -> Claims:
    if "user" not in g:
        g.user = verifier.verify(bearer_token(request.headers.getlist("Authorization")))
    user: Claims = g.user
    return user


def requires(role: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if role not in current_user().roles:
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return decorate


@app.errorhandler(TokenInvalid)
def answer_401(_: TokenInvalid) -> ResponseReturnValue:
    return {"detail": "sign in"}, 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'}


@app.errorhandler(Unavailable)
def answer_503(_: Unavailable) -> ResponseReturnValue:
    return {"detail": "come back in a moment"}, 503, {"Retry-After": "1"}


@app.get("/watchlist")
def watchlist() -> ResponseReturnValue:
    return {"user": str(current_user().user_id), "films": []}


@app.post("/films")
@requires("superuser")
def add_film() -> ResponseReturnValue:
    return "", 204
