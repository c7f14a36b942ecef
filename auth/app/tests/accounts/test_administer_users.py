"""People who administer look others up: all of them, in order, and nothing besides."""

from typing import Any
from uuid import uuid4

import pytest

from app.tests.support.people import register, signed_in
from app.tests.support.rights import id_of, make_role, staff, superuser
from app.tests.support.service import Service
from app.tests.support.viewer import Answer, Viewer

PEOPLE = {
    "anna@example.ru": "Анна Петрова",
    "Anton.Q@example.ru": "ANTON",
    "boris@example.ru": "Борис",
    "b_ris@example.ru": "Ännchen",
    "zoe@почта.рф": "100% Zoë",
}


@pytest.fixture
async def people(service: Service) -> dict[str, str]:
    """Their ids by their names, in the order in which they came."""
    ids = {}
    for email, name in PEOPLE.items():
        async with signed_in(service, email) as somebody:
            await somebody.call("PATCH", "/me", json={"name": name})
            ids[name] = str(id_of(somebody))
    return ids


async def search(viewer: Viewer, q: str) -> list[str]:
    answer = await viewer.get("/users", params={"q": q})
    assert answer.status == 200, answer.text
    return [user["name"] for user in answer.json["items"]]


async def test_an_account_is_shown_without_its_secrets(service: Service) -> None:
    async with staff(service, "clerk@example.ru", "users.read") as clerk:
        [listed] = (await clerk.get("/users")).json["items"]
        read = await clerk.get(f"/users/{id_of(clerk)}")

    assert read.json == listed
    assert {**listed, "created_at": None} == {
        "id": str(id_of(clerk)), "email": "clerk@example.ru", "email_confirmed": True, "name": None, "locale": "ru",
        "roles": ["of-clerk"], "has_password": True, "created_at": None, "blocked": False, "blocked_at": None,
    }  # fmt: skip
    assert "argon2" not in read.text


async def test_everybody_is_listed_newest_first_in_pages(service: Service, people: dict[str, str]) -> None:
    await make_role(service, "editor")
    async with superuser(service) as root:
        await root.call("PUT", f"/users/{people['Борис']}/roles/editor")
        pages = [(await root.get("/users?limit=2")).json]
        while cursor := pages[-1]["next_cursor"]:
            await register(service, f"late{len(pages)}@example.ru")
            pages.append((await root.get(f"/users?limit=2&cursor={cursor}")).json)

    found = [user for page in pages for user in page["items"]]
    assert [user["id"] for user in found] == [str(id_of(root)), *reversed(people.values())]
    assert [user["roles"] for user in found] == [["superuser"], [], [], ["editor"], [], []]


async def test_people_are_found_by_what_they_are_known_by(service: Service, people: dict[str, str]) -> None:
    """By an id, or by the beginning of an address or a name, in whatever case."""
    searches = {
        "an": ["ANTON", "Анна Петрова"],
        "ANTON.q@": ["ANTON"],
        "anton.q@EXAMPLE.ru": ["ANTON"],
        "zoe@почта.рф": ["100% Zoë"],
        "анна П": ["Анна Петрова"],
        " борис ": ["Борис"],
        "a\u0308nn": ["Ännchen"],
        "100%": ["100% Zoë"],
        people["ANTON"]: ["ANTON"],
        "Петрова": [],
        "%": [],
        "_": [],
        "b_": ["Ännchen"],
        "' OR 1=1 --": [],
        "nobody": [],
        str(uuid4()): [],
        "\U0010fffd": [],
    }
    async with staff(service, "clerk@example.ru", "users.read") as clerk:
        found = {q: await search(clerk, q) for q in searches}
        everybody = len(await search(clerk, "  "))

    assert found == searches
    assert everybody == 6


async def test_what_was_searched_for_comes_in_pages_too(service: Service, people: dict[str, str]) -> None:
    async with staff(service, "clerk@example.ru", "users.read") as clerk:
        first = (await clerk.get("/users?q=b&limit=1")).json
        second = (await clerk.get(f"/users?q=b&limit=1&cursor={first['next_cursor']}")).json

    assert [user["name"] for user in first["items"] + second["items"]] == ["Ännchen", "Борис"]
    assert second["next_cursor"] is None


async def test_a_removed_name_is_not_found_any_more(service: Service, people: dict[str, str]) -> None:
    async with signed_in(service, "boris@example.ru") as boris, superuser(service) as root:
        await boris.call("PATCH", "/me", json={"name": None})

        assert await search(root, "борис") == []


async def test_a_question_that_cannot_be_read_is_refused(service: Service) -> None:
    expected = {
        "q=a&q=b": 400,
        "q=%00": 400,
        "q=%ff": 400,
        "q=" + "a" * 255: 422,
        "cursor=YQ": 422,
        "limit=101": 422,
    }
    async with superuser(service) as root:
        assert {query: (await root.get(f"/users?{query}")).status for query in expected} == expected


async def test_who_is_not_there_is_not_found(service: Service, anna: Viewer) -> None:
    """AZ-07."""
    user = str(id_of(anna))
    strange = [str(uuid4()), "-1", "0", user.upper(), f"%7B{user}%7D", user.replace("-", ""), "..%2fme", f"{user}%00"]
    async with superuser(service) as root:
        statuses = {
            each: {
                (await root.get(f"/users/{each}")).status,
                (await root.get(f"/users/{each}/logins")).status,
                (await root.post(f"/users/{each}/logout")).status,
                (await root.call("PATCH", f"/users/{each}", json={"blocked": True})).status,
                (await root.call("PATCH", f"/users/{each}", json={})).status,
            }
            for each in strange
        }

    assert [each for each in strange if statuses[each] != {404}] == []
    assert (await anna.get("/me")).status == 200


@pytest.mark.parametrize(
    "body",
    [{"id": str(uuid4())}, {"blocked": "yes"}, {"blocked": None}, {"roles": ["superuser"]}, {"email": "x@y.ru"}, []],
)
async def test_nothing_else_can_be_changed(body: Any, service: Service, anna: Viewer) -> None:
    """AZ-16: the path says whose account it is, and the body no more than it may."""
    async with superuser(service) as root:
        before = (await root.get(f"/users/{id_of(anna)}")).json

        answer = await root.call("PATCH", f"/users/{id_of(anna)}", json=body)

        assert answer.status == 422
        assert (await root.get(f"/users/{id_of(anna)}")).json == before


async def test_a_history_is_read_in_pages_with_who_did_what(service: Service, anna: Viewer) -> None:
    """HI-01, HI-03: of the account that the path names, and of nobody else."""
    await make_role(service, "editor")
    await anna.post("/login", {"email": "anna@example.ru", "password": "not the right one"})
    async with superuser(service) as root:
        await root.call("PUT", f"/users/{id_of(anna)}/roles/editor")
        path = f"/users/{id_of(anna)}/logins?limit=2"
        first = (await root.get(path)).json
        second = (await root.get(f"{path}&cursor={first['next_cursor']}")).json
        own = (await anna.get("/me/logins")).json["items"]

    shown = first["items"] + second["items"]
    assert [each["outcome"] for each in shown][:3] == ["role-granted", "wrong-password", "succeeded"]
    assert [each["actor_id"] for each in shown][:3] == [str(id_of(root)), None, None]
    assert [{**each, "actor_id": None} for each in shown] == [{**each, "actor_id": None} for each in own]
    assert "actor_id" not in own[0]
    assert str(id_of(root)) not in str(own)


async def test_a_history_cannot_be_changed(service: Service, anna: Viewer) -> None:
    """HI-03: not even by a superuser."""
    async with superuser(service) as root:
        paths = ("/me/logins", f"/users/{id_of(anna)}/logins")
        answers: list[Answer] = [
            await root.call(method, path) for method in ("DELETE", "PUT", "PATCH", "POST") for path in paths
        ]

    assert {answer.status for answer in answers} == {405}
