"""Requests made up from the OpenAPI document, right and wrong ones: no crash, no answer that it does not document."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.main import describe_api
from app.settings import Settings
from app.tests.support.process import started
from app.tests.support.viewer import PASSWORD

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
schema = schemathesis.openapi.from_dict(describe_api(Settings()))


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a running service, and an access token of somebody without rights."""
    with asyncio.Runner() as runner:
        starting = started(tmp_path_factory.mktemp("fuzz"), AUTH_REQUIRE_CONFIRMED_EMAIL="false")
        process = runner.run(starting.__aenter__())

        async def sign_in() -> str:
            async with process.viewer() as viewer:
                await viewer.post("/register", {"email": "fuzz@example.ru", "password": PASSWORD})
                await viewer.login("fuzz@example.ru")
                return viewer.access_token

        yield process.url, runner.run(sign_in())
        assert process.handle.poll() is None
        runner.run(starting.__aexit__(None, None, None))


@schema.parametrize()
@settings(
    max_examples=20,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
def test_no_request_crashes_the_service_or_surprises_its_clients(
    case: "schemathesis.Case[Any]", live: tuple[str, str]
) -> None:
    """IN-07, IN-14."""
    url, token = live
    headers = {"Authorization": f"Bearer {token}"} if "/me" in case.path else {}

    case.call_and_validate(base_url=url, headers=headers, checks=CHECKS, allow_redirects=False)
