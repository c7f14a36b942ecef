"""The contract of every provider's profile reader, on sample answers. A new provider joins by its samples."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.social.catalogue import KNOWN
from app.social.model import Profile
from app.social.provider import ProfileRefused
from emulator.names import PROVIDERS, Provider

CLIENT_ID = "our-application"
SAMPLES: dict[Provider, dict[str, Any]] = {
    "yandex": {
        "id": "1130000012345678", "login": "viewer.one", "client_id": CLIENT_ID, "psuid": "1.AAAAAA.bbbb.cccc",
        "display_name": "viewer", "real_name": "Anna P.", "first_name": "Anna", "last_name": "P.", "sex": "female",
        "default_email": "viewer.one@yandex.ru", "emails": ["viewer.one@yandex.ru"], "birthday": "0000-12-23",
        "default_avatar_id": "131652443", "is_avatar_empty": False,
        "default_phone": {"id": 12345678, "number": "+79037659418"}, "old_social_login": "uid-x",
    },
    "vk": {
        "user": {
            "user_id": "123456789", "first_name": "Anna", "last_name": "P.", "phone": "79990000000",
            "avatar": "https://sun1.example/photo.jpg", "email": "a@example.ru", "sex": 1, "verified": True,
            "birthday": "01.02.1990",
        }
    },
    "google": {
        "iss": "https://accounts.google.com", "azp": CLIENT_ID, "aud": CLIENT_ID, "sub": "109876543210987654321",
        "email": "anna@firm.example", "email_verified": True, "hd": "firm.example", "at_hash": "x", "nonce": "x",
        "name": "Anna P.", "given_name": "Anna", "family_name": "P.", "picture": "https://lh3.example/s96-c",
        "iat": 1, "exp": 3601,
    },
    "mail": {
        "id": "1400000001", "client_id": CLIENT_ID, "email": "user@mail.ru", "name": "Anna P.", "first_name": "Anna",
        "last_name": "P.", "nickname": "anna", "image": "https://filin.mail.ru/pic?d=1", "locale": "ru_RU",
        "gender": "f", "birthday": "15.02.1980",
    },
}  # fmt: skip
EXPECTED: dict[Provider, Profile] = {
    "yandex": Profile(
        subject="1130000012345678", email="viewer.one@yandex.ru", email_verified=True, name="Anna P.",
        avatar_url="https://avatars.yandex.net/get-yapic/131652443/islands-200",
    ),
    "vk": Profile(
        subject="123456789", email="a@example.ru", name="Anna P.", avatar_url="https://sun1.example/photo.jpg"
    ),
    "google": Profile(
        subject="109876543210987654321", email="anna@firm.example", email_verified=True, name="Anna P.",
        avatar_url="https://lh3.example/s96-c",
    ),
    "mail": Profile(
        subject="1400000001", email="user@mail.ru", email_verified=True, name="Anna P.",
        avatar_url="https://filin.mail.ru/pic?d=1",
    ),
}  # fmt: skip
FIELDS: dict[Provider, dict[str, str]] = {
    "yandex": {"subject": "id", "email": "default_email", "name": "real_name", "avatar": "default_avatar_id"},
    "vk": {"subject": "user_id", "email": "email", "name": "first_name", "avatar": "avatar"},
    "google": {"subject": "sub", "email": "email", "name": "name", "avatar": "picture"},
    "mail": {"subject": "id", "email": "email", "name": "name", "avatar": "image"},
}
everyone = pytest.mark.parametrize("social", PROVIDERS)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _changed(
    social: Provider, values: Mapping[str, Any] | None = None, *, remove: tuple[str, ...] = ()
) -> dict[str, Any]:
    sample = SAMPLES[social]
    inner = {**(sample["user"] if social == "vk" else sample), **(values or {})}
    inner = {name: value for name, value in inner.items() if name not in remove}
    return {"user": inner} if social == "vk" else inner


def _read(social: Provider, answer: Mapping[str, Any]) -> Profile:
    return KNOWN[social].parse_profile(answer, CLIENT_ID)


def test_every_known_provider_has_samples() -> None:
    assert set(SAMPLES) == set(EXPECTED) == set(FIELDS) == set(KNOWN)


@everyone
def test_the_sample_is_read_as_documented(social: Provider) -> None:
    assert _read(social, SAMPLES[social]) == EXPECTED[social]


@everyone
def test_pr_12_unknown_fields_change_nothing(social: Provider) -> None:
    extra = {"is_superuser": True, "roles": ["admin"], "permissions": ["*"], "user_uuid": "x", "subject": "666"}

    assert _read(social, _changed(social, extra) | extra) == EXPECTED[social]


@everyone
def test_the_subject_alone_is_enough(social: Provider) -> None:
    keep = {FIELDS[social]["subject"], "client_id"}
    answer = _changed(social)
    inner = answer["user"] if social == "vk" else answer
    bare = {name: value for name, value in inner.items() if name in keep}

    profile = _read(social, {"user": bare} if social == "vk" else bare)

    assert profile == Profile(subject=EXPECTED[social].subject)


@everyone
@pytest.mark.parametrize("value", [None, "", "  ", 5, [], {}, False])
@pytest.mark.parametrize("field", ["email", "name", "avatar"])
def test_a_decoration_of_another_kind_is_left_out(field: str, value: Any, social: Provider) -> None:
    profile = _read(social, _changed(social, {FIELDS[social][field]: value}))

    assert profile.subject == EXPECTED[social].subject
    assert getattr(profile, "avatar_url" if field == "avatar" else field) != value or value is None
    if field == "email":
        assert (profile.email, profile.email_verified) == (None, False)


BIRTHDAYS: list[Any] = [
    "0000-12-23",
    "1990-00-00",
    "0000-00-00",
    None,
    "",
    "23.12",
    "00.00.0000",
    "31.02.1990",
    "x",
    0,
    [],
    {},
]


@everyone
@pytest.mark.parametrize("birthday", BIRTHDAYS, ids=repr)
def test_ya_7_mr_6_no_birthday_disturbs(birthday: Any, social: Provider) -> None:
    assert _read(social, _changed(social, {"birthday": birthday})) == EXPECTED[social]


@pytest.mark.parametrize("client_id", ["another-application", "", None, 1, [], CLIENT_ID + "x", CLIENT_ID.upper()])
@pytest.mark.parametrize("social", ["yandex", "mail"])
def test_pv_05_oa_21_a_token_of_another_application_names_nobody(client_id: Any, social: Provider) -> None:
    with pytest.raises(ProfileRefused):
        _read(social, _changed(social, {"client_id": client_id}))


def test_pv_05_a_yandex_answer_that_names_no_application_names_nobody() -> None:
    with pytest.raises(ProfileRefused):
        _read("yandex", _changed("yandex", remove=("client_id",)))


@everyone
@pytest.mark.parametrize("verified", ["true", "false", 1, "1", [True], {"x": 1}, None, 0, ""], ids=repr)
def test_pr_12_only_a_json_true_is_a_proof(verified: Any, social: Provider) -> None:
    name = FIELDS[social]["email"]
    answer = _changed(social, {name: "v@elsewhere.example", "email_verified": verified, "verified": verified})

    assert _read(social, answer).email_verified is False


VERIFIED: dict[Provider, list[tuple[str, bool]]] = {
    "yandex": [
        ("v@yandex.ru", True), ("v@YANDEX.RU", True), ("v@ya.ru", True), ("v@yandex.com.tr", True),
        ("v@elsewhere.example", False), ("v@yandex.ru.evil.example", False), ("v@notyandex.ru", False),
        ("v@mail.yandex.ru", False), ("v@yandexxru", False), ("v@ya.ru.", False), ("v@yandex.ru@evil.example", False),
        ("yandex.ru", False), ("v@gmail.com", False),
    ],
    "vk": [("v@vk.com", False), ("v@vk.ru", False), ("v@mail.ru", False), ("v@gmail.com", False)],
    "google": [
        ("v@gmail.com", True), ("v@GMAIL.com", True), ("v@elsewhere.example", False),
        ("v@gmail.com.evil.example", False),
        ("v@notgmail.com", False), ("gmail.com", False), ("v@gmail.co", False), ("v@gmail.com@evil.example", False),
    ],
    "mail": [
        ("v@mail.ru", True), ("v@bk.ru", True), ("v@inbox.ru", True), ("v@list.ru", True),
        ("v@elsewhere.example", False), ("mail.ru", False),
        ("v@mail.ru.evil.example", False), ("v@xxmail.ru", False), ("v@gmail.com", False),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("social", "email", "proven"), [(social, *row) for social, rows in VERIFIED.items() for row in rows]
)
def test_pv_08_an_address_is_proven_where_the_provider_is_its_host(social: Provider, email: str, proven: bool) -> None:
    remove = ("hd",) if social == "google" else ()

    profile = _read(social, _changed(social, {FIELDS[social]["email"]: email}, remove=remove))

    assert profile.email_verified is proven


@pytest.mark.parametrize(
    ("hd", "proven"), [("firm.example", True), ("", False), (None, False), (True, False), (["x"], False)]
)
def test_pv_08_a_workspace_proves_its_addresses(hd: Any, proven: bool) -> None:
    assert _read("google", _changed("google", {"hd": hd})).email_verified is proven


def test_ya_7_an_empty_portrait_is_none() -> None:
    assert _read("yandex", _changed("yandex", {"is_avatar_empty": True})).avatar_url is None
    assert _read("yandex", _changed("yandex", remove=("is_avatar_empty",))).avatar_url is None


PICTURES = [
    "javascript:alert(1)", "http://a.example/x.png", "//a.example/x.png", "data:image/png;base64,AA", "https://a b/",
    "https://a.example/x\r\nX-Evil: 1", "https://a.example/\"onload='x'", "https://a.example/<x>", "https://a.example/я",
    "https://a.example/" + "x" * 2048, "x" * 2_000_000, "HTTPS://a.example/x", "https://a.example/\\x",
]  # fmt: skip


@everyone
@pytest.mark.parametrize("picture", PICTURES, ids=lambda text: f"{text!r:.30}")
def test_pr_10_a_picture_that_is_no_plain_https_address_is_dropped(picture: str, social: Provider) -> None:
    assert _read(social, _changed(social, {FIELDS[social]["avatar"]: picture})).avatar_url is None


@everyone
@given(data=st.data())
def test_whatever_a_provider_sends_is_read_or_refused(social: Provider, data: st.DataObject) -> None:
    values = {name: data.draw(ANYTHING, label=name) for name in (*FIELDS[social].values(), "email_verified", "hd")}

    try:
        profile = _read(social, _changed(social, values))
    except ProfileRefused:
        return

    assert 0 < len(profile.subject) <= 255
    assert profile.subject.isascii()
    assert profile.email is not None or not profile.email_verified
    assert profile.avatar_url is None or (profile.avatar_url.startswith("https://") and len(profile.avatar_url) <= 2048)


@everyone
@given(answer=ANYTHING.filter(lambda value: isinstance(value, dict)))
def test_an_answer_of_any_shape_names_nobody(social: Provider, answer: Any) -> None:
    with pytest.raises(ProfileRefused):
        _read(social, answer)
