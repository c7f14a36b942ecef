"""A peer that serves: with its own databases, the same people, and sessions as they are needed."""

import asyncio
import json
import statistics
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app.tests.support.postgresql import PostgreSql
from load.peers.catalogue import Peer, Request
from load.peers.install import command, environment, place, version_of
from load.processes import Memory, Program, free_port, running
from load.seed import PASSWORD, addresses
from load.surroundings import WORKERS, Surroundings
from load.wrk import CONNECTIONS, Unexpected

SESSIONS = CONNECTIONS * 2
AT_ONCE = 8
PREPARE_SECONDS = 120
REDIS_DATABASE = 20  # and the next ones: below it are those of the service


@dataclass(kw_only=True)
class RunningPeer:
    """What is known of a peer while it serves.

    Attributes:
        starts: seconds from the start of the process to its first answer.
        idle: the memory of its workers before anything was asked of them.
    """

    peer: Peer
    program: Program
    folder: Path
    starts: list[float]
    idle: Memory
    version: str
    _lines: dict[str, Path] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, float]:
        return {
            "start_s": statistics.median(self.starts),
            "idle_pss_mb": self.idle.pss,
            "idle_largest_worker_pss_mb": self.idle.largest,
            "idle_rss_mb": self.idle.rss,
        }

    def lines_for(self, request: Request) -> Path:
        """A file with what the request needs: where tokens are good for one use, those of new sessions each time."""
        kept = self._lines.get(request.lines)
        if kept is None or self.peer.rotates:
            kept = self.folder / f"{self.peer.name}-{request.lines}.txt"
            lines = addresses() if request.lines == "address" else asyncio.run(self._tokens(request.lines))
            kept.write_text("\n".join(lines) + "\n", encoding="ascii")
            self._lines[request.lines] = kept
        return kept

    async def _tokens(self, kind: str) -> list[str]:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> str:
            async with places:
                status, answer = await self.log_in(client, addresses()[number % len(addresses())], PASSWORD)
            if status != 200:
                raise Unexpected(f"{self.peer.name}: login answers {status}: {answer}")
            return dig(answer, self.peer.access if kind == "access" else self.peer.refresh)

        async with aiohttp.ClientSession(self.program.url) as client:
            return await asyncio.gather(*(one(number) for number in range(SESSIONS)))

    async def log_in(self, client: aiohttp.ClientSession, email: str, password: str) -> tuple[int, Any]:
        request = self.peer.requests["login"]
        if "form" in request.options:
            body: dict[str, Any] = {"data": {"username": email, "password": password}}
        else:
            body = {"json": {"email": email, "password": password}}
        async with client.post(request.path, **body) as answer:
            return answer.status, await _read(answer)

    async def ask(self, client: aiohttp.ClientSession, scenario: str, token: str) -> tuple[int, Any]:
        """A single request as the scripts of wrk send it."""
        request = self.peer.requests[scenario]
        if request.script == "refresh":
            made = client.post(request.path, json={"refresh_token": token})
        else:
            method = request.options.get("method", "GET")
            made = client.request(method, request.path, headers={"Authorization": f"Bearer {token}"})
        async with made as answer:
            return answer.status, await _read(answer)


async def _read(answer: aiohttp.ClientResponse) -> Any:
    text = await answer.text()
    try:
        return json.loads(text)
    except ValueError:  # an error page
        return text[:300]


def dig(answer: Any, way: tuple[str, ...]) -> str:
    """Raises: Unexpected, when nothing is there."""
    found = answer
    for name in way:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, str) or not found:
        raise Unexpected(f"nothing at {'.'.join(way)} in {str(answer)[:300]}")
    return found


@contextmanager
def serving(peer: Peer, around: Surroundings, number: int, starts: int) -> Iterator[RunningPeer]:
    """Prepare a peer, start it some times, and let it serve after the last one.

    Raises:
        Unexpected: it does not do what is asked of it.
    """
    variables = _variables(around, number)
    folder, log = place(peer), around.folder / f"{peer.name}.log"
    _prepare(peer, folder, variables)
    _look_at_hash(peer, around, variables)
    times = []
    for left in reversed(range(starts)):
        port = free_port()
        served = running(
            command(peer, peer.serve, port=port, workers=WORKERS),
            port=port,
            probe=peer.probe,
            folder=folder,
            environment={**variables, "PEER_PORT": str(port)},
            log=log,
        )
        with served as program:
            times.append(program.started_in)
            if not left:
                yield RunningPeer(
                    peer=peer,
                    program=program,
                    folder=around.folder,
                    starts=times,
                    idle=Memory.at_rest(program),
                    version=version_of(peer),
                )


def _variables(around: Surroundings, number: int) -> dict[str, str]:
    url = around.database.fresh_database()
    settings = around.settings
    return environment() | {
        "NODE_ENV": "production",
        "PGHOST": str(PostgreSql.door_of(url).parent),
        "PGUSER": "postgres",
        "PGDATABASE": PostgreSql.name_of(url),
        "REDIS_URL": f"{around.redis.url}/{REDIS_DATABASE + number}",
        "PEER_PORT": "1",  # until it serves
        "PEER_WORKERS": str(WORKERS),
        "PEER_SECRET": "a sample secret of the peers in a measurement",
        "PEER_KEY_FILE": str(_key(around.folder)),
        "PEER_ADDRESSES": str(around.folder / "addresses.txt"),
        "PEER_PASSWORD": PASSWORD,
        "ARGON2_MEMORY_KIB": str(settings.argon2_memory_kib),
        "ARGON2_TIME_COST": str(settings.argon2_time_cost),
        "ARGON2_PARALLELISM": str(settings.argon2_parallelism),
    }


def _key(folder: Path) -> Path:
    file = folder / "peer-key.pem"
    if not file.exists():
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        plain = serialization.NoEncryption()
        form = serialization.PrivateFormat.PKCS8
        file.write_bytes(private.private_bytes(serialization.Encoding.PEM, form, plain))
    return file


def _prepare(peer: Peer, folder: Path, variables: Mapping[str, str]) -> None:
    """Its schema and its people, by its own code."""
    words = command(peer, peer.prepare)
    made = subprocess.run(
        words, cwd=folder, env=dict(variables), capture_output=True, text=True, timeout=PREPARE_SECONDS, check=False
    )
    if made.returncode:
        raise Unexpected(f"{peer.name} is not prepared: {(made.stderr or made.stdout)[-1500:]}")


def _look_at_hash(peer: Peer, around: Surroundings, variables: Mapping[str, str]) -> None:
    """A login costs what it costs us only with the same hash."""
    settings = around.settings
    wanted = (
        f"$argon2id$v=19$m={settings.argon2_memory_kib},t={settings.argon2_time_cost},p={settings.argon2_parallelism}$"
    )
    stored = around.database.execute(around.database.address_of(variables["PGDATABASE"]), peer.stored_hash)
    if wanted not in stored:
        raise Unexpected(f"{peer.name} keeps passwords otherwise than as {wanted}…: {stored[:60]}")
