"""`python -m app keys`."""

import re
from pathlib import Path

from app.tests.support.redis import RedisServer
from app.tests.support.terminal import run


def access_keys(data_dir: Path) -> list[str]:
    listed = run(data_dir, "app", "keys", "list").stdout
    return re.findall(r"^(\S+)  access", listed, re.MULTILINE)


def test_rotation_publishes_a_second_key_and_shows_no_secret(tmp_path: Path) -> None:
    before = access_keys(tmp_path)

    rotated = run(tmp_path, "app", "keys", "rotate")

    after = access_keys(tmp_path)
    assert (len(before), len(after)) == (1, 2)
    assert after[1] in rotated.stdout
    assert '"d"' not in run(tmp_path, "app", "keys", "list").stdout


def test_a_withdrawn_key_gets_a_successor_at_once(tmp_path: Path) -> None:
    (compromised,) = access_keys(tmp_path)

    done = run(tmp_path, "app", "keys", "withdraw", compromised, "--yes")

    assert done.returncode == 0
    assert len(access_keys(tmp_path)) == 2


def test_an_unknown_key_is_not_withdrawn(tmp_path: Path) -> None:
    done = run(tmp_path, "app", "keys", "withdraw", "no-such-key", "--yes")

    assert (done.returncode, "no access key no-such-key" in done.stderr) == (1, True)


def test_what_a_command_prints_is_its_answer_alone(tmp_path: Path, redis: RedisServer) -> None:
    listed = run(tmp_path, "app", "keys", "list", AUTH_REDIS_URL=redis.fresh_database())

    assert [line.split()[1] for line in listed.stdout.splitlines()] == ["access", "refresh"]
    assert listed.stderr == ""
