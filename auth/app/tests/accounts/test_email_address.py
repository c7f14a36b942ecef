"""One mailbox, one account: which spellings are the same address, and which never are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.email_address import MAX_LENGTH, find_email, mask_email
from app.tests.support.people import register
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Viewer

SAME_AS_MIKE = {
    "case of the local part": "MIKE@example.org",
    "case of the domain": "mike@EXAMPLE.Org",
    "blanks around": "  mike@example.org ",
    "a line end": "mike@example.org\n",
    "Kelvin sign, which is the letter K": "mi\u212ae@example.org",
    "full-width domain": "mike@ｅｘａｍｐｌｅ.org",
    "ideographic full stop": "mike@example。org",
}

NOT_MIKE = {
    "dotless i": "mıke@example.org",
    "dotted capital I": "mİke@example.org",
    "full-width local part": "ｍike@example.org",
    "Cyrillic local part": "мike@example.org",
    "accent": "mìke@example.org",
    "plus tag": "mike+films@example.org",
    "dots": "m.ike@example.org",
    "subdomain": "mike@mail.example.org",
    "Cyrillic letter in the domain": "mike@ехample.org",
}

NO_ADDRESS = {
    "a dot at the end": "mike@example.org.",
    "a blank inside": "mi ke@example.org",
    "quoted": '"mike"@example.org',
    "a name in front": "Mike <mike@example.org>",
    "two addresses": "mike@example.org,eve@example.org",
    "a header line": "mike@example.org\r\nBcc: eve@example.org",
    "NUL": "mike@example.org\0",
    "NUL inside": "mi\0ke@example.org",
    "an address literal": "mike@[127.0.0.1]",
    "a number": "mike@127.0.0.1",
    "no domain": "mike@",
    "one label": "mike@localhost",
    "no at": "mike.example.org",
    "two ats": "mike@eve@example.org",
    "text direction": "mike\u202e@example.org",
    "zero width": "mi\u200bke@example.org",
    "underscore in the domain": "mike@exam_ple.org",
    "too long": "m" * 250 + "@example.org",
    "template": "{{7*7}}@{{config}}",
}


@pytest.mark.parametrize("spelling", SAME_AS_MIKE.values(), ids=SAME_AS_MIKE.keys())
def test_another_spelling_of_a_mailbox_is_the_same_address(spelling: str) -> None:
    """EM-12."""
    found = find_email(spelling)

    assert found is not None
    assert found.key == "mike@example.org"


@pytest.mark.parametrize("text", NOT_MIKE.values(), ids=NOT_MIKE.keys())
def test_a_look_alike_is_another_address(text: str) -> None:
    """EM-11: what may be another person's mailbox never becomes Mike's."""
    found = find_email(text)

    assert found is None or found.key != "mike@example.org"


@pytest.mark.parametrize("text", NO_ADDRESS.values(), ids=NO_ADDRESS.keys())
def test_what_is_no_address_is_refused(text: str) -> None:
    """EM-10, EM-12."""
    assert find_email(text) is None


def test_a_domain_is_the_same_in_unicode_and_in_punycode() -> None:
    """EM-12: the display keeps what people read."""
    found = [find_email(text) for text in ("Мария@Пример.РФ", "мария@xn--e1afmkfd.xn--p1ai")]

    assert [each.key for each in found if each] == ["мария@xn--e1afmkfd.xn--p1ai"] * 2
    assert found[0] is not None
    assert found[0].display == "Мария@пример.рф"


def test_composed_and_decomposed_are_the_same_address() -> None:
    """EM-12."""
    found = [find_email(text) for text in ("andr\u00e9@example.org", "andre\u0301@example.org")]

    assert found[0] == found[1]


ANY_ADDRESS = st.one_of(st.text(max_size=300), st.emails(), st.builds("{}@{}".format, st.text(), st.text()))


@given(ANY_ADDRESS)
def test_the_canonical_form_is_stable_and_fits_its_column(text: str) -> None:
    """EM-12: whatever comes in, the form of the form is itself; nothing crashes (IN-07)."""
    found = find_email(text)

    if found is not None:
        assert find_email(found.display) == found
        assert max(len(found.display), len(found.key)) <= MAX_LENGTH
        assert found.key.count("@") == 1
        assert not any(sign.isspace() or ord(sign) < 32 for sign in found.key)


async def test_mail_goes_to_the_stored_address_whatever_spelling_was_typed(service: Service, viewer: Viewer) -> None:
    """EM-11: never to the typed variant of an account's address."""
    await register(service, "mike@example.org")
    before = len(await service.mails())

    for path, body in (("/register", {"password": PASSWORD}), ("/email/confirm/resend", {})):
        for spelling in SAME_AS_MIKE.values():
            answer = await viewer.post(path, {"email": spelling, **body})
            assert answer.status == 202

    mails = (await service.mails())[:-before]
    assert {mail.to for mail in mails} == {"mike@example.org"}
    assert await service.count("users") == 1


async def test_a_look_alike_never_asks_for_the_mail_of_another(service: Service, viewer: Viewer) -> None:
    """EM-11: the dotless i of another person brings no mail about Mike's account, and no way in."""
    await viewer.post("/register", {"email": "mike@example.org", "password": PASSWORD})
    before = len(await service.mails())

    answers = [await viewer.post("/email/confirm/resend", {"email": text}) for text in NOT_MIKE.values()]
    logins = [(await viewer.login(text)).status for text in NOT_MIKE.values()]

    assert {answer.status for answer in answers} <= {202, 422}
    assert len(await service.mails()) == before
    assert set(logins) == {401}


async def test_every_spelling_signs_in_to_the_same_account(service: Service, viewer: Viewer) -> None:
    """EM-12: one rule at register and login."""
    await register(service, "Mike@example.org")

    statuses = {name: (await viewer.login(spelling)).status for name, spelling in SAME_AS_MIKE.items()}

    assert statuses == dict.fromkeys(SAME_AS_MIKE, 200)
    assert (await viewer.get("/me")).json["email"] == "Mike@example.org"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("anna.petrova@example.ru", "a***@example.ru"),
        ("ж@пример.рф", "ж***@пример.рф"),
        ('"a@b"@example.ru', '"***@example.ru'),
        ("anna@" + "x" * 60 + ".example", "a***@" + "x" * 40 + "…"),
    ],
)
def test_a_mask_leaves_enough_to_recognise_and_too_little_to_write_to(address: str, shown: str) -> None:
    assert mask_email(address) == shown
