"""`flask superuser create`, by hand and by script."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app.tests.support.clock import ManualClock
from app.tests.support.service import Service, free_socket, run_service, settings_for_test
from app.tests.support.terminal import Terminal, run
from app.tests.support.viewer import Answer, Viewer

COMMAND = ("flask", "superuser", "create")
PASSWORD = "seven quiet blue boats"
EMAIL = "admin@cinema.example"


@asynccontextmanager
async def serving(data_dir: Path) -> AsyncIterator[tuple[Service, Viewer]]:
    """The service on the data that the command has written, and somebody at its door."""
    with free_socket() as listener:
        running = run_service(settings_for_test(data_dir), ManualClock(), listener)
        async with running as service, service.viewer() as viewer:
            yield service, viewer


async def sign_in(data_dir: Path, password: str = PASSWORD) -> tuple[Answer, Answer]:
    """The answers of a sign-in and of the profile after it."""
    async with serving(data_dir) as (_, admin):
        return await admin.login(EMAIL, password), await admin.get("/me")


async def test_a_person_is_asked_for_what_is_missing_and_the_password_stays_hidden(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, *COMMAND)
    terminal.answer("E-mail: ", EMAIL)
    terminal.answer("Password: ", PASSWORD)
    terminal.answer("Once more: ", PASSWORD)
    code = terminal.wait()

    assert (code, PASSWORD in terminal.shown) == (0, False)
    login, me = await sign_in(tmp_path)
    assert login.status == 200
    assert (me.json["roles"], me.json["permissions"]) == (["superuser"], ["*"])


async def test_a_weak_password_is_asked_for_again(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, *COMMAND, "--email", EMAIL)
    terminal.answer("Password: ", "password")
    terminal.answer("Password: ", PASSWORD)
    terminal.answer("Once more: ", PASSWORD)
    code = terminal.wait()

    assert code == 0
    assert "among the most common passwords" in terminal.shown


async def test_a_script_gives_everything_by_options_and_environment(tmp_path: Path) -> None:
    done = run(tmp_path, *COMMAND, "--email", EMAIL, AUTH_SUPERUSER_PASSWORD=PASSWORD)

    assert (done.returncode, done.stderr) == (0, "")
    assert PASSWORD not in done.stdout
    login, _ = await sign_in(tmp_path)
    assert login.status == 200


async def test_a_second_run_never_resets_the_password(tmp_path: Path) -> None:
    run(tmp_path, *COMMAND, "--email", EMAIL, AUTH_SUPERUSER_PASSWORD=PASSWORD)

    again = run(tmp_path, *COMMAND, "--email", EMAIL.upper(), AUTH_SUPERUSER_PASSWORD="another password")

    assert again.returncode == 0
    assert "Nothing has been changed, the password neither" in again.stdout
    login, _ = await sign_in(tmp_path)
    assert login.status == 200
    refused, _ = await sign_in(tmp_path, "another password")
    assert refused.code == "invalid-credentials"


def test_a_script_without_a_password_is_told_what_to_give(tmp_path: Path) -> None:
    done = run(tmp_path, *COMMAND, "--email", EMAIL)

    assert done.returncode == 2
    assert "there is no terminal to ask on; give AUTH_SUPERUSER_PASSWORD" in done.stderr


def test_a_weak_password_of_a_script_is_refused_and_makes_no_account(tmp_path: Path) -> None:
    done = run(tmp_path, *COMMAND, "--email", EMAIL, AUTH_SUPERUSER_PASSWORD="short")

    assert (done.returncode, done.stderr) == (1, "Error: password: shorter than 8 characters\n")
    again = run(tmp_path, *COMMAND, "--email", EMAIL, AUTH_SUPERUSER_PASSWORD=PASSWORD)
    assert "has been created" in again.stdout


async def test_an_existing_account_is_promoted_only_when_asked_for_and_keeps_its_password(tmp_path: Path) -> None:
    async with serving(tmp_path) as (service, viewer):
        await viewer.post("/register", {"email": EMAIL, "password": PASSWORD})
        await viewer.post("/email/confirm", {"token": await service.confirmation_token(EMAIL)})

    refused = run(tmp_path, *COMMAND, "--email", EMAIL)
    granted = run(tmp_path, *COMMAND, "--email", EMAIL, "--grant-existing")

    assert (refused.returncode, granted.returncode) == (2, 0)
    assert "its password has not been changed" in granted.stdout
    _, me = await sign_in(tmp_path)
    assert me.json["roles"] == ["superuser"]


async def test_an_account_that_nobody_confirmed_is_replaced_not_promoted(tmp_path: Path) -> None:
    strangers = "a stranger's password"
    async with serving(tmp_path) as (_, viewer):
        await viewer.post("/register", {"email": EMAIL, "password": strangers})

    done = run(tmp_path, *COMMAND, "--email", EMAIL, AUTH_SUPERUSER_PASSWORD=PASSWORD)

    assert done.returncode == 0
    mine, _ = await sign_in(tmp_path)
    theirs, _ = await sign_in(tmp_path, strangers)
    assert (mine.status, theirs.code) == (200, "invalid-credentials")
