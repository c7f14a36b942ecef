"""clients/python/examples: run as the README says, against the running service."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from app.tests.support.eventually import eventually
from app.tests.support.rights import superuser
from app.tests.support.service import Service
from app.tests.support.terminal import AUTH_FOLDER
from app.tests.support.viewer import Viewer
from app.tests.verifier.checking import A_SECOND, credentials

EXAMPLES = AUTH_FOLDER.parent / "clients" / "python" / "examples"
COMMANDS = {
    "fastapi": ["uvicorn", "fastapi_app:app", "--port"],
    "flask": ["flask", "--app", "flask_app", "run", "--port"],
}


def start(command: list[str], variables: dict[str, str], output: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **variables, "PYTHONDONTWRITEBYTECODE": "1"}
    with output.open("wb") as sink:
        return subprocess.Popen(
            [sys.executable, "-m", *command], cwd=EXAMPLES, env=environment, stdout=sink, stderr=sink
        )


def written(output: Path) -> str:
    return output.read_text(encoding="utf-8")


@asynccontextmanager
async def running(service: Service, command: list[str], output: Path) -> AsyncIterator[str]:
    """An example as a process of its own; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = await credentials(service)
    variables = {
        "CINEMA_AUTH_URL": service.url,
        "CINEMA_AUTH_CLIENT_ID": given["client_id"],
        "CINEMA_AUTH_CLIENT_SECRET": given["client_secret"],
    }
    process = start([*command, str(port)], variables, output)
    url = f"http://127.0.0.1:{port}"

    async def status() -> int:
        assert process.poll() is None, written(output)
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{url}/watchlist") as answer:
                return answer.status
        except aiohttp.ClientConnectionError:
            return 0

    try:
        await eventually(status, lambda answer: answer == 401)
        yield url
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 20)


@pytest.mark.parametrize("name", COMMANDS)
async def test_an_example_tells_its_viewers_apart(name: str, service: Service, anna: Viewer, tmp_path: Path) -> None:
    async with (
        running(service, COMMANDS[name], tmp_path / "output.txt") as url,
        service.viewer() as nobody,
        superuser(service) as root,
    ):
        root.keep(await root.refresh())
        two = [("Authorization", f"Bearer {anna.access_token}")] * 2
        shown = await anna.get(f"{url}/watchlist")
        answers = [
            await nobody.get(f"{url}/watchlist"),
            await nobody.get(f"{url}/watchlist", headers=two),
            await nobody.get(f"{url}/watchlist", headers={"Authorization": f"Bearer {anna.refresh_token}"}),
            await nobody.post(f"{url}/films"),
        ]
        films = [await each.post(f"{url}/films") for each in (anna, root)]

        await anna.post("/logout")
        service.clock.advance(A_SECOND)
        ended = await eventually(lambda: anna.get(f"{url}/watchlist"), lambda answer: answer.status == 401)

        assert (shown.status, shown.json["films"]) == (200, [])
        assert {each.status for each in answers} == {401}
        assert [each.status for each in films] == [403, 204]
        assert ended.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
        assert (await root.get(f"{url}/watchlist")).status == 200
