"""From a stranger to an account, and to a new password when the old one is forgotten."""

import pytest

from app.accounts.model import MailTokenPurpose
from app.tests.live.people import People
from app.tests.live.target import Target
from app.tests.support.viewer import PASSWORD, Answer, Viewer

OTHER_PASSWORD = "five loud orange kites"


def visible(answer: Answer) -> tuple[int, str, set[str]]:
    """All by which two answers could be told apart."""
    return answer.status, answer.text, set(answer.headers)


async def test_nobody_learns_who_has_an_account(people: People, visitor: Viewer) -> None:
    known, unknown = await people.add(), people.new_address()

    for path, extra in (("/register", {"password": OTHER_PASSWORD}), ("/password/forgot", {})):
        answers = [await visitor.post(path, {"email": email, **extra}) for email in (known, unknown)]

        assert visible(answers[0]) == visible(answers[1])
        assert answers[0].status == 202

    assert (await visitor.login(known)).status == 200


async def test_a_registered_viewer_confirms_the_address_and_signs_in(
    target: Target, people: People, visitor: Viewer
) -> None:
    email = people.new_address()
    await visitor.post("/register", {"email": email, "password": PASSWORD, "name": "Анна"})

    early = await visitor.login(email)
    token = await people.mail_token(email, MailTokenPurpose.CONFIRM_EMAIL)
    confirmations = [await visitor.post("/email/confirm", {"token": token}) for _ in range(2)]
    late = await visitor.login(email)

    if target.settings.require_confirmed_email:
        assert (early.status, early.code) == (403, "email-not-confirmed")
    assert [answer.status for answer in confirmations] == [204, 400]
    assert late.status == 200
    me = (await visitor.get("/me")).json
    assert (me["email"], me["email_confirmed"], me["name"]) == (email, True, "Анна")


@pytest.mark.parametrize(
    ("pointer", "change"), [("/email", {"email": "anna at example"}), ("/password", {"password": "password"})]
)
async def test_what_cannot_be_registered_is_pointed_at(
    pointer: str, change: dict[str, str], people: People, visitor: Viewer
) -> None:
    body = {"email": people.new_address(), "password": PASSWORD, **change}

    answer = await visitor.post("/register", body)

    assert (answer.status, answer.code) == (422, "invalid-input")
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


async def test_a_new_password_ends_every_session_and_the_old_password(people: People, visitor: Viewer) -> None:
    email = await people.add()
    async with people.signed_in(email) as elsewhere:
        token = await people.mail_token(email, MailTokenPurpose.RESET_PASSWORD)

        resets = [await visitor.post("/password/reset", {"token": token, "password": OTHER_PASSWORD}) for _ in range(2)]

        assert [answer.status for answer in resets] == [204, 400]
        assert (await elsewhere.get("/me")).status == 401
        assert (await elsewhere.refresh()).status == 401
    assert (await visitor.login(email)).code == "invalid-credentials"
    assert (await visitor.login(email, OTHER_PASSWORD)).status == 200
