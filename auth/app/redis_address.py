"""The forms of `AUTH_REDIS_URL`: one server, Sentinel, or Cluster."""

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

Kind = Literal["single", "sentinel", "cluster"]

REDIS_PORT, SENTINEL_PORT = 6379, 26379
FORMS = "redis://host:port/0, redis+sentinel://host:port,host:port/service or redis+cluster://host:port,host:port"

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PATHS = {"single": r"/?|/[0-9]{1,5}", "sentinel": r"/[A-Za-z0-9._-]+", "cluster": "/?"}
_KINDS: dict[str, Kind] = {"": "single", "sentinel": "sentinel", "cluster": "cluster"}
_OPTIONS = {"ca_file", "sentinel_password"}


@dataclass(frozen=True, kw_only=True)
class RedisAddress:
    """Where Redis is, taken apart.

    Attributes:
        hosts: of the server, of the Sentinels, or of some nodes of the cluster.
        service: what the Sentinels call the group of servers.
        ca_file: certificates to trust instead of the system's, for `rediss`.
    """

    kind: Kind
    hosts: tuple[tuple[str, int], ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: int = 0
    service: str = ""
    sentinel_password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca_file: str | None = None


def read_redis_address(url: str) -> RedisAddress:
    """Take an address apart.

    `rediss` in the place of `redis` means TLS. Options: `?ca_file=/path`, and `?sentinel_password=` where the
    Sentinels want one.

    Raises:
        ValueError: none of the forms; the message holds nothing of the address.
    """
    parts = urlsplit(url)
    scheme, _, form = parts.scheme.partition("+")
    kind = _KINDS.get(form)
    options = parse_qs(parts.query, strict_parsing=bool(parts.query))
    places = parts.netloc.rpartition("@")[2].split(",")
    is_well_formed = (
        scheme in {"redis", "rediss"}
        and kind is not None
        and re.fullmatch(_PATHS[kind], parts.path)
        and all(_HOST.fullmatch(place) for place in places)
        and (len(places) == 1 or kind != "single")
        and options.keys() <= _OPTIONS
    )
    if not is_well_formed or kind is None:
        raise ValueError("not an address of Redis")
    return _address(parts, kind, places, {name: values[-1] for name, values in options.items()})


def _address(parts: SplitResult, kind: Kind, places: list[str], options: dict[str, str]) -> RedisAddress:
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    path = parts.path.strip("/")
    return RedisAddress(
        kind=kind,
        hosts=tuple(_host(place, SENTINEL_PORT if kind == "sentinel" else REDIS_PORT) for place in places),
        user=unquote(user) or None,
        password=unquote(password) or None,
        database=int(path or 0) if kind == "single" else 0,
        service=path if kind == "sentinel" else "",
        sentinel_password=options.get("sentinel_password"),
        tls=parts.scheme.startswith("rediss"),
        ca_file=options.get("ca_file"),
    )


def _host(place: str, usual_port: int) -> tuple[str, int]:
    parts = urlsplit(f"//{place}")
    return parts.hostname or "", parts.port or usual_port
