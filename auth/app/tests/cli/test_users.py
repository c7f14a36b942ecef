"""`users import` and `users export`, by hand and by script."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from app.social.import_accounts import BATCH
from app.tests.support.clock import ManualClock
from app.tests.support.service import serving
from app.tests.support.terminal import AUTH_FOLDER, PATIENCE_SECONDS, Terminal, environment, run
from app.tests.support.viewer import PASSWORD

IMPORT, EXPORT = ("app", "users", "import"), ("app", "users", "export")
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(rounds=4)).decode()
ANNA = {"email": "anna@example.ru", "email_confirmed": True, "password_hash": HASH}
BROKEN = {"email": "boris", "email_confirmed": True, "password_hash": "$2b$12$not-a-hash"}


def write(path: Path, *lines: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return str(path)


def many(number: int) -> list[dict[str, Any]]:
    return [{**ANNA, "email": f"viewer{each}@example.ru"} for each in range(number)]


async def test_a_file_is_imported_and_its_people_sign_in(tmp_path: Path, clock: ManualClock) -> None:
    data, file = tmp_path / "data", write(tmp_path / "accounts.jsonl", ANNA)

    done, again = (run(data, *IMPORT, file) for _ in range(2))

    assert (done.returncode, done.stdout, done.stderr) == (0, "1 imported, 0 already there, 0 refused\n", "")
    assert (again.returncode, again.stdout) == (0, "0 imported, 1 already there, 0 refused\n")
    async with serving(data, clock) as service, service.viewer() as anna:
        assert (await anna.login("anna@example.ru")).status == 200


def test_a_refused_line_is_told_and_the_end_says_so(tmp_path: Path) -> None:
    file, errors = write(tmp_path / "accounts.jsonl", BROKEN, ANNA), tmp_path / "refused.txt"

    checked = run(tmp_path / "data", *IMPORT, "--dry-run", file)
    done = run(tmp_path / "data", *IMPORT, file, "--errors", str(errors))

    assert (checked.returncode, checked.stdout) == (1, "1 would be imported, 0 already there, 1 refused\n")
    assert checked.stderr == "line 1: email: not an e-mail address\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "1 imported, 0 already there, 1 refused\n", "")
    assert errors.read_text(encoding="utf-8") == checked.stderr


@pytest.mark.parametrize(
    "words",
    [(*IMPORT, "nowhere.jsonl"), IMPORT, (*IMPORT, "--quickly", "-"), (*EXPORT, "a", "b")],
    ids=["no such file", "no file", "no such option", "two files"],
)
def test_a_command_that_cannot_be_understood_ends_with_2(words: tuple[str, ...], tmp_path: Path) -> None:
    assert run(tmp_path, *words).returncode == 2


def test_an_import_that_was_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    """FS-20: what the killed one has told of is kept, and nothing is there twice."""
    lines = [BROKEN, *many(3 * BATCH)]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    beginning = "".join(json.dumps(line) + "\n" for line in lines[: 2 * BATCH])
    with subprocess.Popen(
        [sys.executable, "-m", *IMPORT, "-"],
        cwd=AUTH_FOLDER,
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as killed:
        assert killed.stdin is not None
        assert killed.stderr is not None
        killed.stdin.write(beginning)
        killed.stdin.flush()
        told = killed.stderr.readline()  # of the first batch, which is written by now; the third is on its way
        killed.kill()

    done = subprocess.run(
        [sys.executable, "-m", *IMPORT, "-"],
        cwd=AUTH_FOLDER,
        env=environment(tmp_path),
        input=text,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert told.startswith("line 1: email")
    imported, there, refused = (int(part.split()[0]) for part in done.stdout.split(", "))
    assert (imported + there, refused) == (3 * BATCH, 1)
    assert there >= BATCH - 1
    exported = run(tmp_path, *EXPORT).stdout.splitlines()
    assert len({json.loads(line)["email"] for line in exported}) == len(exported) == 3 * BATCH


def test_an_export_is_private_and_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    data, target = tmp_path / "data", tmp_path / "out" / "accounts.jsonl"
    target.parent.mkdir()
    target.write_text("the old one", encoding="utf-8")
    target.chmod(0o644)
    run(data, *IMPORT, write(tmp_path / "accounts.jsonl", ANNA))

    done = run(data, *EXPORT, str(target), "--with-passwords")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "1 accounts exported\n")
    assert target.stat().st_mode & 0o777 == 0o600
    assert json.loads(target.read_text(encoding="utf-8"))["password_hash"] == HASH
    assert [*target.parent.iterdir()] == [target]


def test_an_export_has_no_hashes_unless_they_are_asked_for(tmp_path: Path) -> None:
    run(tmp_path / "data", *IMPORT, write(tmp_path / "accounts.jsonl", ANNA))

    done = run(tmp_path / "data", *EXPORT)

    [line] = map(json.loads, done.stdout.splitlines())
    assert (line["email"], "password_hash" in line) == ("anna@example.ru", False)


def test_an_export_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    done = run(tmp_path / "data", *EXPORT, str(tmp_path / "nowhere" / "accounts.jsonl"))

    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_hashes_are_not_shown_on_a_terminal(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, *EXPORT, "--with-passwords")

    assert terminal.wait() == 2
    assert "name a file" in terminal.shown


def test_somebody_who_looks_sees_how_far_it_is(tmp_path: Path) -> None:
    file = write(tmp_path / "accounts.jsonl", *many(2 * BATCH))

    terminal = Terminal(tmp_path / "data", *IMPORT, file, TERM="xterm")

    assert terminal.wait() == 0
    assert f"{2 * BATCH} imported" in terminal.shown
    assert " lines" in terminal.shown
