"""Headers of every answer: protection, request ids, CORS; and what must not be there."""

import re
from pathlib import Path
from uuid import UUID

import pytest

from app.tests.support.clock import ManualClock
from app.tests.support.people import execute
from app.tests.support.service import Service, serving
from app.tests.support.viewer import Answer, Viewer

CINEMA = "https://cinema.example"
STRANGERS = (
    "https://evil.example",
    "null",
    "https://cinema.example.evil.example",
    "https://evilcinema.example",
    "http://cinema.example",
    "https://cinema.example:8443",
    "https://cinema.example/",
    "",
)
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


async def answers_of_all_kinds(service: Service, viewer: Viewer, **headers: str) -> list[Answer]:
    """Pages, data, files, refusals by the service and by the framework, a crash."""
    found = [await viewer.get(path, headers=headers) for path in ("/", "/me", "/nope", "/.well-known/jwks.json")]
    found += [await viewer.get(f"{service.url}{path}", headers=headers) for path in ("/livez", "/readyz", "/")]
    found.append(await viewer.call("PUT", "/me", headers=headers))
    found.append(await viewer.post("/login", {"email": 1}, headers=headers))
    found.append(await viewer.get("/me", headers={**headers, "X-Large": "a" * 40_000}))
    await execute(service, "UPDATE signing_keys SET activates_at = 'garbage'")
    service.clock.advance(service.settings.access_ttl)
    found.append(await viewer.get("/.well-known/jwks.json", headers=headers))
    assert {answer.status for answer in found} >= {200, 401, 404, 405, 422, 431, 500}
    return found


@pytest.mark.embedded
async def test_every_answer_is_protected(service: Service, viewer: Viewer) -> None:
    """HT-03, HT-05: errors included; no word about the programs behind it."""
    for answer in await answers_of_all_kinds(service, viewer):
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert not {"Server", "X-Powered-By", "Strict-Transport-Security", "Set-Cookie"} & set(headers)
        assert not any(name.lower().startswith("access-control") for name in headers)
        assert not re.search(r"litestar|uvicorn|python", str(headers), re.IGNORECASE)


@pytest.mark.embedded
async def test_browsers_are_kept_on_https_where_it_is_used(tmp_path: Path, clock: ManualClock) -> None:
    """HT-03: at least a year, subdomains included, on every answer."""
    async with (
        serving(tmp_path / "data", clock, public_url="https://auth.cinema.example") as service,
        service.viewer() as viewer,
    ):
        found = await answers_of_all_kinds(service, viewer)

        policies = {answer.headers.get("Strict-Transport-Security", "") for answer in found}
        assert policies == {"max-age=63072000; includeSubDomains"}


@pytest.mark.parametrize("given", ["abc", "A.b_c-9", "x" * 64, "01997b2e-7c1f-7d54-b1f4-5a3c5d0b7e11"])
async def test_a_well_formed_request_id_is_taken_over(given: str, viewer: Viewer) -> None:
    answer = await viewer.get("/me", headers={"X-Request-Id": given})

    assert (answer.headers["X-Request-Id"], answer.json["request_id"]) == (given, given)


@pytest.mark.parametrize("given", ["", "x" * 65, "x" * 10_000, "a b", "a;b", '"a"', "a/b", "ключ", "a\tb", "{{7*7}}"])
async def test_any_other_request_id_is_replaced(given: str, viewer: Viewer) -> None:
    """IN-12."""
    answer = await viewer.get("/me", headers={"X-Request-Id": given})

    assert UUID(answer.headers["X-Request-Id"]).version == 7
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


async def test_every_request_has_an_id_of_its_own(viewer: Viewer) -> None:
    answers = [await viewer.get("/me") for _ in range(20)]

    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 20
    assert all(len(answer.headers.getall("X-Request-Id")) == 1 for answer in answers)


@pytest.mark.parametrize("origin", [CINEMA, *STRANGERS])
async def test_no_origin_is_allowed_unless_it_is_listed(origin: str, viewer: Viewer) -> None:
    """HT-02: the list is empty by default; there is nothing to preflight."""
    simple = await viewer.get("/me", headers={"Origin": origin})
    preflight = await viewer.call("OPTIONS", "/login", headers={"Origin": origin, **PREFLIGHT})

    assert not any(name.lower().startswith("access-control") for each in (simple, preflight) for name in each.headers)


async def test_a_listed_origin_may_call_and_no_other(tmp_path: Path, clock: ManualClock) -> None:
    """HT-02: exactly that origin, never with credentials, and caches are told."""
    async with serving(tmp_path / "data", clock, cors_origins=(CINEMA,)) as service, service.viewer() as viewer:
        paths = ("/me", "/nope", "/.well-known/jwks.json")
        listed = [await viewer.get(path, headers={"Origin": CINEMA}) for path in paths]
        preflight = await viewer.call("OPTIONS", "/login", headers={"Origin": CINEMA, **PREFLIGHT})
        foreign = [await viewer.get(path, headers={"Origin": origin}) for path in paths for origin in STRANGERS]
        refused = [
            await viewer.call("OPTIONS", "/login", headers={"Origin": origin, **PREFLIGHT}) for origin in STRANGERS
        ]

    everything = [*listed, preflight, *foreign, *refused]
    assert {answer.headers["Access-Control-Allow-Origin"] for answer in (*listed, preflight)} == {CINEMA}
    assert not any("Access-Control-Allow-Origin" in answer.headers for answer in (*foreign, *refused))
    assert not any("Access-Control-Allow-Credentials" in answer.headers for answer in everything)
    assert all("Origin" in answer.headers["Vary"] for answer in everything)
    assert preflight.status == 204
    assert "authorization" in preflight.headers["Access-Control-Allow-Headers"].lower()


async def test_the_documentation_loads_nothing_from_elsewhere(viewer: Viewer) -> None:
    """HT-04: its scripts and styles are served here, under a policy without inline scripts."""
    page = await viewer.get("/")
    linked = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page.text)
    policy = dict(rule.strip().split(" ", 1) for rule in page.headers["Content-Security-Policy"].split(";"))

    files = [await viewer.get(path.removeprefix("/auth/api/v1")) for path in linked]

    assert page.headers["Content-Type"].startswith("text/html")
    assert (policy["script-src"], policy["frame-ancestors"]) == ("'self'", "'none'")
    assert any(path.endswith(".js") for path in linked)
    assert not any(path.startswith(("http", "//")) for path in linked)
    assert {answer.status for answer in files} == {200}
    assert "<script>" not in page.text
    assert "persistAuthorization: true" not in "".join(answer.text for answer in files)


async def test_the_probes_say_what_they_must(service: Service, viewer: Viewer) -> None:
    """HT-15: `/livez` touches nothing; `/readyz` names the class of what fails and nothing else."""
    ready = await viewer.get(f"{service.url}/readyz")
    await execute(service, "ALTER TABLE users RENAME TO lost")
    alive = await viewer.get(f"{service.url}/livez")

    assert (ready.status, ready.json) == (200, {"status": "ready", "failing": []})
    assert (alive.status, alive.json) == (200, {"status": "alive"})
