"""Passwords of accounts that came from other systems: taken as they were there, once."""

import base64
import hashlib

import bcrypt
import pytest
from argon2 import PasswordHasher as Argon2
from argon2 import Type
from werkzeug.security import generate_password_hash

from app.accounts.foreign_hashes import accept_hash, read_foreign_hash
from app.errors import InvalidInput
from app.tests.support.people import execute, register
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Viewer

EMAIL = "anna@example.ru"
SALT = b"0123456789abcdef"
DERIVED = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), SALT, 1000)
SCRYPT = hashlib.scrypt(PASSWORD.encode(), salt=SALT, n=16, r=8, p=1, dklen=32)
LONG = "a very long passphrase about slow green trams, seven quiet boats and a cat called Murka"
DECOMPOSED = "smA\u030a katter"


def plain64(value: bytes) -> str:
    return base64.b64encode(value).decode().rstrip("=")


def made_by_bcrypt(password: str = PASSWORD, prefix: str = "2b") -> str:
    made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(rounds=4)).decode()
    return made.replace("$2b$", f"${prefix}$")


MADE = {
    "argon2id, cheaper": Argon2(time_cost=1, memory_cost=16, parallelism=2, hash_len=16).hash(PASSWORD),
    "argon2i": Argon2(time_cost=1, memory_cost=8, parallelism=1, type=Type.I).hash(PASSWORD),
    "argon2d": Argon2(time_cost=1, memory_cost=8, parallelism=1, type=Type.D).hash(PASSWORD),
    "argon2id, Django": "argon2" + Argon2(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD),
    "bcrypt 2a": made_by_bcrypt(prefix="2a"),
    "bcrypt 2b": made_by_bcrypt(),
    "bcrypt 2y, PHP": made_by_bcrypt(prefix="2y"),
    "bcrypt, Django": "bcrypt$" + made_by_bcrypt(),
    "PBKDF2, Django": f"pbkdf2_sha256$1000${SALT.decode()}${base64.b64encode(DERIVED).decode()}",
    "PBKDF2, passlib": f"$pbkdf2-sha256$1000${plain64(SALT)}${plain64(DERIVED)}".replace("+", "."),
    "PBKDF2 with SHA-512, passlib": (
        f"$pbkdf2-sha512$1000${plain64(SALT)}${plain64(hashlib.pbkdf2_hmac('sha512', PASSWORD.encode(), SALT, 1000))}"
    ).replace("+", "."),
    "PBKDF2, Werkzeug": generate_password_hash(PASSWORD, "pbkdf2:sha256:1000"),
    "scrypt, Werkzeug": generate_password_hash(PASSWORD, "scrypt:1024:8:1"),
    "scrypt, passlib": f"$scrypt$ln=4,r=8,p=1${plain64(SALT)}${plain64(SCRYPT)}",
}

# From the documentation of passlib and the test vectors of crypt_blowfish: nothing of ours made them.
PUBLISHED = {
    "PBKDF2": (
        "toomanysecrets",
        "$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk",
    ),
    "scrypt": (
        "password",
        "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
    ),
    "bcrypt": ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
}

TOO_COSTLY = {
    "argon2 memory": "$argon2id$v=19$m=131073,t=1,p=1$c2FsdHNhbHRzYWx0$" + "A" * 43,
    "argon2 passes": "$argon2id$v=19$m=65536,t=17,p=1$c2FsdHNhbHRzYWx0$" + "A" * 43,
    "argon2 lanes": "$argon2id$v=19$m=65536,t=1,p=17$c2FsdHNhbHRzYWx0$" + "A" * 43,
    "bcrypt cost": "$2b$15$" + "A" * 53,
    "bcrypt cost below all": "$2b$03$" + "A" * 53,
    "PBKDF2 iterations": "$pbkdf2-sha256$3000001$c2FsdHNhbHQ$" + "A" * 43,
    "PBKDF2 iterations of SHA-512": "$pbkdf2-sha512$1500001$c2FsdHNhbHQ$" + "A" * 86,
    "scrypt memory": "$scrypt$ln=18,r=8,p=1$c2FsdHNhbHQ$" + "A" * 43,
    "scrypt lanes": "$scrypt$ln=16,r=8,p=3$c2FsdHNhbHQ$" + "A" * 43,
    "scrypt, a huge N": "$scrypt$ln=99,r=8,p=1$c2FsdHNhbHQ$" + "A" * 43,
    "scrypt, N of no power": "scrypt:1000:8:1$salt$" + "ab" * 32,
}

UNKNOWN = {
    "nothing": "",
    "a password in clear": "four slow green trams",
    "md5": "5f4dcc3b5aa765d61d8327deb882cf99",
    "Unix SHA-512": "$6$saltsalt$" + "A" * 86,
    "bcrypt with the bug of 2x": "$2x$05$" + "A" * 53,
    "bcrypt, cut": "$2b$12$" + "A" * 52,
    "bcrypt, and more": "$2b$12$" + "A" * 53 + "\n",
    "argon2, cut": "$argon2id$v=19$m=65536,t=3,p=1",
    "argon2, a short output": "$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHRzYWx0$QUJD",
    "PBKDF2, a short output": "$pbkdf2-sha256$1000$c2FsdHNhbHQ$QUJD",
    "PBKDF2 without work": "$pbkdf2-sha256$0$c2FsdHNhbHQ$" + "A" * 43,
    "PBKDF2, digits of another script": "$pbkdf2-sha256$١٠٠٠$c2FsdHNhbHQ$" + "A" * 43,
    "PBKDF2 with MD5": "pbkdf2_md5$1000$salt$" + "A" * 43,
    "scrypt without lanes": "scrypt:1024:8:0$salt$" + "ab" * 32,
    "hex of odd length": "scrypt:1024:8:1$salt$" + "abc" * 33,
    "far too long": f"$pbkdf2-sha256$1000${'A' * 512}${'A' * 43}",
}


async def store_hash(service: Service, password_hash: str) -> None:
    await register(service, EMAIL, "another password here")
    await execute(service, "UPDATE users SET password_hash = :hash", hash=accept_hash(password_hash))


async def stored_hash(service: Service) -> str:
    [row] = await execute(service, "SELECT password_hash FROM users")
    return str(row["password_hash"])


@pytest.mark.parametrize("made", MADE.values(), ids=MADE.keys())
async def test_the_first_right_sign_in_makes_the_hash_ours(made: str, service: Service, viewer: Viewer) -> None:
    """PW-16: a wrong one leaves it, the first right one renews it, the second leaves it again."""
    await store_hash(service, made)

    wrong = await viewer.login(EMAIL, PASSWORD + "!")
    after_wrong = await stored_hash(service)
    right = await viewer.login(EMAIL)
    after_right = await stored_hash(service)
    again = await viewer.login(EMAIL)

    assert [wrong.status, right.status, again.status] == [401, 200, 200]
    assert after_wrong == accept_hash(made)
    assert after_right.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert await stored_hash(service) == after_right


@pytest.mark.parametrize(("password", "published"), PUBLISHED.values(), ids=PUBLISHED.keys())
def test_published_hashes_are_of_the_published_passwords(password: str, published: str) -> None:
    found = read_foreign_hash(accept_hash(published))

    assert found is not None
    assert [found.matches(each.encode()) for each in (password, password + "x", "")] == [True, False, False]


@pytest.mark.parametrize("made", [made_by_bcrypt(LONG), made_by_bcrypt(LONG, "2y")], ids=["2b", "2y"])
async def test_bcrypt_saw_72_bytes_and_our_hash_sees_all(made: str, service: Service, viewer: Viewer) -> None:
    """PW-16: the other system let the same people in; from the first sign-in on the whole password counts."""
    await store_hash(service, made)

    first = await viewer.login(EMAIL, LONG)
    cut = await viewer.login(EMAIL, LONG[:72])
    whole = await viewer.login(EMAIL, LONG)

    assert [first.status, cut.status, whole.status] == [200, 401, 200]


async def test_a_nul_ends_no_password_that_bcrypt_compares(service: Service, viewer: Viewer) -> None:
    """PW-05: bcrypt repeats a password with a NUL behind it, which makes these two one."""
    await store_hash(service, made_by_bcrypt("abc"))

    assert (await viewer.login(EMAIL, "abc\0abc")).status == 401
    assert (await viewer.login(EMAIL, "abc")).status == 200


@pytest.mark.parametrize(
    "made",
    [made_by_bcrypt(DECOMPOSED), Argon2(time_cost=1, memory_cost=16, parallelism=1).hash(DECOMPOSED)],
    ids=["bcrypt", "argon2"],
)
async def test_others_hashed_a_password_as_it_was_typed(made: str, service: Service, viewer: Viewer) -> None:
    """PW-08: in whichever form of Unicode; ours then is the same for all of them."""
    await store_hash(service, made)

    answers = [await viewer.login(EMAIL, typed) for typed in (DECOMPOSED, "smÅ katter", DECOMPOSED)]

    assert [answer.status for answer in answers] == [200, 200, 200]


@pytest.mark.parametrize("text", [*TOO_COSTLY.values(), *UNKNOWN.values()], ids=[*TOO_COSTLY, *UNKNOWN])
def test_what_costs_too_much_or_is_no_hash_is_refused_without_being_repeated(text: str) -> None:
    """PW-18, PW-16: whoever knows the address would make us pay at each try."""
    with pytest.raises(InvalidInput) as refusal:
        accept_hash(text)

    [found] = refusal.value.extra["errors"]
    assert found["pointer"] == "/password_hash"
    assert found["detail"].startswith("too costly" if text in TOO_COSTLY.values() else "not a")
    assert not text or text not in found["detail"]


async def test_a_damaged_hash_opens_nothing_and_breaks_nothing(service: Service, viewer: Viewer) -> None:
    """EN-11."""
    await register(service, EMAIL)
    for damaged in ("$2b$04$" + "é" * 53, "$2b$04$" + "=" * 53, "scrypt:3:8:1$salt$" + "ab" * 32, "$argon2"):
        await execute(service, "UPDATE users SET password_hash = :hash", hash=damaged)

        assert (await viewer.login(EMAIL)).code == "invalid-credentials"
