"""What is written down of a social sign-in: that it was refused and why, never what it carried."""

import pytest
from structlog.testing import capture_logs

from app.tests.social.scene import Scene, query_of, way_back
from emulator import DEMO_APPS, faults
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("social", PROVIDERS)
@pytest.mark.parametrize("succeeds", [True, False])
async def test_pr_20_ht_08_no_secret_of_the_flow_enters_the_log(
    succeeds: bool, social: Provider, shared: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING")  # as `configure_logs` has it for libraries at every level of ours
    somebody = shared.arrives(social)
    if not succeeds:
        shared.emulator.override(somebody, social, {"id": "", "sub": "", "user_id": ""})

    with capture_logs() as entries:
        async with shared.browser() as browser:
            back = await way_back(browser, social)
            answer = await browser.get(back)
    written = repr(entries) + caplog.text

    assert (answer.status == 200) == succeeds
    exchanged = shared.emulator.requests(social, "token")[0]
    found = query_of(back)
    secrets = {found["code"], found["state"], exchanged.form["code_verifier"], found.get("device_id", found["code"])}
    secrets |= {received.query["access_token"] for received in shared.emulator.requests("mail", "profile")}
    secrets |= {DEMO_APPS[social].client_secret or found["code"], f"{somebody}@"}
    assert not [secret for secret in secrets if secret in written]


REFUSALS = {
    "provider-answer-invalid": faults.html(),
    "provider-unavailable": faults.status(503),
    "authorization-code-refused": faults.json({"error": "invalid_grant", "error_description": "words-of-the-provider"}),
}


@pytest.mark.parametrize("social", PROVIDERS)
@pytest.mark.parametrize(("code", "fault"), REFUSALS.items())
async def test_a_refusal_is_written_down_with_provider_and_problem(
    code: str, fault: object, social: Provider, shared: Scene
) -> None:
    shared.arrives(social)
    shared.emulator.fault(social, "token", fault)  # type: ignore[arg-type]

    with capture_logs() as entries:
        async with shared.browser() as browser:
            await browser.sign_in_with(social)

    refused = [each for each in entries if each["event"] == "social_login.refused"]
    assert [(each["social"], each["problem"], each["log_level"]) for each in refused] == [(social, code, "warning")]
    assert "words-of-the-provider" not in repr(entries)
