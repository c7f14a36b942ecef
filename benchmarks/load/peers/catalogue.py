"""Who is measured beside the service: how each of them is started, and how it is asked for the same work."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Request:
    """What stands in the place of one of our requests.

    Attributes:
        script: a file of benchmarks/wrk.
        lines: the values that the script takes: `address`, `access` or `refresh`, as a sign-in gives the latter.
        options: for the script.
        meaning: what is done there, as far as it is not the same.
    """

    script: str
    path: str
    lines: str
    options: Mapping[str, str] = field(default_factory=dict)
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A product and the way to it.

    Attributes:
        name: of its folder in benchmarks/peers too.
        kind: what installs it: `python` or `node`.
        package: the one whose version stands for the peer's.
        serve: the program and its arguments; {port} and {workers} are filled in.
        probe: answered with 200 as soon as it serves.
        requests: by scenario.
        access, refresh: the way to these tokens in the answer to a login.
        refreshed: the way to the next access token in the answer to a refresh.
        rotates: a refresh token is worth nothing any more when the next one is there.
        stored_hash: the statement that shows how passwords are kept.
    """

    name: str
    kind: str
    package: str
    prepare: tuple[str, ...]
    serve: tuple[str, ...]
    probe: str
    requests: Mapping[str, Request]
    access: tuple[str, ...]
    refresh: tuple[str, ...]
    refreshed: tuple[str, ...]
    rotates: bool
    stored_hash: str


DJANGO_ALLAUTH = Peer(
    name="django-allauth",
    kind="python",
    package="django-allauth",
    prepare=("python", "prepare.py"),
    # Threads, because the plain worker closes a connection after each answer (gunicorn's docs, "Design").
    serve=(
        *("gunicorn", "wsgi:application", "--bind", "127.0.0.1:{port}", "--workers", "{workers}"),
        *("--worker-class", "gthread", "--threads", "4", "--log-level", "warning"),
    ),
    probe="/_allauth/app/v1/config",
    requests={
        "refresh": Request(script="refresh", path="/_allauth/app/v1/tokens/refresh", lines="refresh"),
        "login": Request(script="login", path="/_allauth/app/v1/auth/login", lines="address"),
        "get_me": Request(script="get_me", path="/_allauth/app/v1/auth/session", lines="access"),
    },
    access=("meta", "access_token"),
    refresh=("meta", "refresh_token"),
    refreshed=("data", "access_token"),
    rotates=True,
    stored_hash="SELECT password FROM auth_user LIMIT 1",
)

BETTER_AUTH = Peer(
    name="better-auth",
    kind="node",
    package="better-auth",
    prepare=("node", "prepare.mjs"),
    serve=("node", "server.mjs"),
    probe="/api/auth/ok",
    requests={
        "refresh": Request(
            script="get_me",
            path="/api/auth/token",
            lines="access",
            meaning="a new JWT for a session whose token stays the same: nothing rotates",
        ),
        "login": Request(script="login", path="/api/auth/sign-in/email", lines="address"),
        "get_me": Request(script="get_me", path="/api/auth/get-session", lines="access"),
    },
    access=("token",),
    refresh=("token",),
    refreshed=("token",),
    rotates=False,
    stored_hash="SELECT password FROM account LIMIT 1",
)

FASTAPI_USERS = Peer(
    name="fastapi-users",
    kind="python",
    package="fastapi-users",
    prepare=("python", "prepare.py"),
    # No line per request: gunicorn and Node write none either.
    serve=(
        *("uvicorn", "main:app", "--port", "{port}", "--workers", "{workers}"),
        *("--no-access-log", "--log-level", "warning"),
    ),
    probe="/ready",
    requests={
        "refresh": Request(
            script="get_me",
            path="/auth/jwt/refresh",
            lines="access",
            options={"method": "POST"},
            meaning="it has none: a route of ours gives whoever has a valid JWT a new one; nothing rotates or ends",
        ),
        "login": Request(script="login", path="/auth/jwt/login", lines="address", options={"form": "yes"}),
        "get_me": Request(
            script="get_me", path="/users/me", lines="access", meaning="no session is looked at: there is none"
        ),
    },
    access=("access_token",),
    refresh=("access_token",),
    refreshed=("access_token",),
    rotates=False,
    stored_hash='SELECT hashed_password FROM "user" LIMIT 1',
)

PEERS = {peer.name: peer for peer in (DJANGO_ALLAUTH, BETTER_AUTH, FASTAPI_USERS)}
