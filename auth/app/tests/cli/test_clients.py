"""`python -m app clients`."""

import re
from pathlib import Path
from uuid import uuid4

from app.tests.support.terminal import run


def test_a_client_is_made_listed_and_revoked_and_its_secret_shown_once(tmp_path: Path) -> None:
    made = run(tmp_path, "app", "clients", "create", "Биллинг")
    found = re.fullmatch(r"id      (\S{36})\nsecret  (\S{43})\n", made.stdout)
    assert found, made.stdout + made.stderr

    listed = run(tmp_path, "app", "clients", "list").stdout
    revoked = run(tmp_path, "app", "clients", "revoke", found[1])
    again = run(tmp_path, "app", "clients", "revoke", found[1])

    assert (found[1] in listed, "Биллинг" in listed, found[2] in listed) == (True, True, False)
    assert (revoked.returncode, again.returncode) == (0, 1)
    assert f"no client {found[1]}" in again.stderr
    assert run(tmp_path, "app", "clients", "list").stdout == ""


def test_what_cannot_be_a_name_or_an_id_is_refused(tmp_path: Path) -> None:
    refused = [run(tmp_path, "app", "clients", "create", name) for name in ("", "a\nb", "x" * 101)]
    refused += [run(tmp_path, "app", "clients", "revoke", text) for text in ("billing", str(uuid4()))]

    assert [each.returncode > 0 for each in refused] == [True] * 5
    assert "Traceback" not in "".join(each.stderr for each in refused)
    assert run(tmp_path, "app", "clients", "list").stdout == ""
