"""The OpenAPI document: complete, true, and as the snapshot in the repository says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import app
from app.errors import AppError
from app.main import describe_api
from app.settings import Settings
from app.tests.support.viewer import Viewer

SNAPSHOT = Path(app.__file__).parents[1] / "openapi.json"
RENEW = "renew it: cd auth && .venv/bin/python -m app openapi > openapi.json"
METHODS = ("get", "put", "post", "patch", "delete")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads(json.dumps(describe_api(Settings())))  # type: ignore[no-any-return]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert method in METHODS
            yield method, path, operation


def test_the_snapshot_is_true(document: dict[str, Any]) -> None:
    """So that a change of the contract is seen in review."""
    assert json.loads(SNAPSHOT.read_text(encoding="utf-8")) == document, RENEW


async def test_the_service_serves_this_document(viewer: Viewer, document: dict[str, Any]) -> None:
    answer = await viewer.get("/openapi.json")

    assert answer.json == document


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    """Generated clients get readable names, people get words."""
    found = list(operations(document))
    names = [operation["operationId"] for _, _, operation in found]

    assert len(found) >= 15
    assert len(set(names)) == len(names)
    for _, path, operation in found:
        assert operation["operationId"].replace("_", "").isalpha(), path
        assert 5 < len(operation["summary"]) < 80, path
        assert len(operation["description"]) > 20, path
        assert len(operation["tags"]) == 1, path


def test_every_problem_is_documented_with_an_example(document: dict[str, Any]) -> None:
    """IN-14: each under its own status, as a problem document that names a known code."""
    for _, path, operation in operations(document):
        refusals = {int(status): answer for status, answer in operation["responses"].items() if int(status) >= 400}
        for status, answer in refusals.items():
            [(media_type, content)] = answer["content"].items()
            assert media_type == "application/problem+json", path
            assert content["examples"], path
            for code, example in content["examples"].items():
                assert AppError.catalogue[code].status == status, path
                assert (example["value"]["code"], example["value"]["status"]) == (code, status), path


def test_operations_with_a_body_document_what_can_be_wrong_with_it(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        documented = set(operation["responses"])
        assert "requestBody" not in operation or documented >= {"400", "413", "415", "422"}, path
        assert "security" not in operation or "401" in documented, path


def test_nothing_in_it_asks_for_a_hint_or_a_secret_question(document: dict[str, Any]) -> None:
    """PW-22."""
    names = {name for schema in document["components"]["schemas"].values() for name in schema.get("properties", {})}

    assert {"email", "password"} <= names
    assert not any(word in name for name in names for word in ("hint", "question", "answer", "birth", "maiden"))


def test_nobody_is_given_a_password_or_gives_one_to_others(document: dict[str, Any]) -> None:
    """PW-20, PW-21: there is no system-made one, and administrators neither choose nor see any."""
    schemas = document["components"]["schemas"]
    asked_for = {
        operation["operationId"]
        for _, _, operation in operations(document)
        if any("password" in name for name in _members_of(operation.get("requestBody", {}), schemas))
    }
    told = {
        name
        for _, _, operation in operations(document)
        for name in _members_of(operation["responses"], schemas)
        if "password" in name
    }

    assert asked_for == {"register", "login", "reset_password", "change_password", "change_email", "complete_link"}
    assert told == {"has_password"}


def _members_of(described: dict[str, Any], schemas: dict[str, Any]) -> set[str]:
    """The members that a body may have, in whatever way its schema is put together."""
    names, found = _named_in(described), set[str]()
    while names - found:
        found |= names
        names = {deeper for name in found for deeper in _named_in(schemas[name])}
    return {member for name in found for member in schemas[name].get("properties", {})}


def _named_in(described: Any) -> set[str]:
    return set(re.findall(r"#/components/schemas/([A-Za-z0-9_.-]+)", json.dumps(described)))
