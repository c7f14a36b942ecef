"""Requests spelled oddly at the social routes (RD-05, RD-06, RD-07), sent byte for byte."""

import asyncio
from urllib.parse import urlsplit

import pytest

from app.tests.social.scene import Scene, get_exactly
from emulator.names import PROVIDERS

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOGIN = "/auth/api/v1/oauth/login?social=yandex"


async def _send(scene: Scene, raw: str, *, half_close: bool = False) -> tuple[int, str]:
    """One raw request; the status of the first answer and all that came until the server hung up.

    Args:
        half_close: say that nothing more will come, for a server that might wait for the rest.
    """
    parts = urlsplit(scene.service.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(raw.replace("\n", "\r\n").encode("latin-1"))
    if half_close:
        writer.write_eof()
    answer = (await reader.read()).decode("latin-1")
    writer.close()
    return int(answer.split(" ")[1]), answer


HOSTS = {
    "absolute form": "GET http://evil.example{path} HTTP/1.1\nHost: evil.example\nConnection: close\n\n",
    "two hosts": "GET {path} HTTP/1.1\nHost: evil.example\nHost: other.example\nConnection: close\n\n",
    "no host": "GET {path} HTTP/1.0\n\n",
    "host with a path": "GET {path} HTTP/1.1\nHost: evil.example/x\nConnection: close\n\n",
    "host with a user": "GET {path} HTTP/1.1\nHost: good@evil.example\nConnection: close\n\n",
}


@pytest.mark.parametrize("request_text", HOSTS.values(), ids=HOSTS)
async def test_rd_05_the_host_of_a_request_never_comes_back(request_text: str, shared: Scene) -> None:
    status, answer = await _send(shared, request_text.replace("{path}", LOGIN))

    assert status in {302, 400}
    assert "evil" not in answer
    assert "other.example" not in answer


SMUGGLED = {
    "both lengths": "Transfer-Encoding: chunked\nContent-Length: 5\n\n0\n\n",
    "two lengths": "Content-Length: 2\nContent-Length: 5\n\n{}abc",
    "bad chunk size": "Transfer-Encoding: chunked\n\nzz\n{}\n0\n\n",
    "negative length": "Content-Length: -1\n\n{}",
    "identity, chunked": "Transfer-Encoding: identity, chunked\nContent-Length: 2\n\n{}",
    "obs-fold": "X-A: b\n Transfer-Encoding: chunked\nContent-Length: 2\n\n{}",
    "blank before the colon": "Content-Length : 2\n\n{}",
}


@pytest.mark.parametrize("rest", SMUGGLED.values(), ids=SMUGGLED)
async def test_rd_06_a_request_of_doubtful_length_is_never_two(rest: str, shared: Scene) -> None:
    head = "POST /auth/api/v1/oauth/exchange HTTP/1.1\nHost: x\nContent-Type: application/json\n"

    status, answer = await _send(shared, head + rest, half_close=True)

    assert 400 <= status < 500
    assert answer.count("HTTP/1.1 ") == 1


PATHS = [
    "//oauth/login", "/oauth//login", "/oauth/login/", "/OAUTH/LOGIN", "/./oauth/login", "/oauth/./login",
    "/oauth/x/../login", "/oauth/login.", "/oauth/login;x", "/oauth/%6cogin", "/oauth%2flogin", "/oauth/login%2f",
    "/oauth/login%00", "/oauth/login%20",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_rd_07_a_path_spelled_otherwise_is_the_same_route_or_none(path: str, shared: Scene) -> None:
    async with shared.browser() as browser:
        answer = await get_exactly(browser, f"{shared.service.api}{path}?social=yandex")

    assert answer.status in {302, 400, 404}
    assert answer.status != 302 or answer.location.startswith(f"{shared.emulator.url}/yandex/authorize?")


@pytest.mark.parametrize("social", PROVIDERS)
@pytest.mark.parametrize(
    "path", ["/oauth/authorize/{}/", "/oauth/authorize/{}%20", "/oauth/authorize/{}/x", "/oauth/authorize//{}"]
)
async def test_rd_07_the_way_back_has_one_spelling(path: str, social: str, shared: Scene) -> None:
    async with shared.browser() as browser, shared.nothing_spent():
        query = f"?code=x&state={'A' * 43}"
        answer = await get_exactly(browser, f"{shared.service.api}/oauth/{path.format(social)}{query}")

    assert answer.code in {"login-state-invalid", "callback-malformed", "not-found", "provider-unknown"}
