"""The forms of `AUTH_REDIS_URL`."""

import pytest

from app.redis_address import RedisAddress, read_redis_address

FORMS = {
    "redis://localhost": RedisAddress(kind="single", hosts=(("localhost", 6379),)),
    "redis://:p%40ss@redis:7000/3": RedisAddress(kind="single", hosts=(("redis", 7000),), password="p@ss", database=3),
    "rediss://auth:pass@redis.example?ca_file=/etc/ca.pem": RedisAddress(
        kind="single", hosts=(("redis.example", 6379),), user="auth", password="pass", tls=True, ca_file="/etc/ca.pem"
    ),
    "redis://[::1]:6380/": RedisAddress(kind="single", hosts=(("::1", 6380),)),
    "redis+sentinel://:pass@one,two:26380/cinema?sentinel_password=other": RedisAddress(
        kind="sentinel",
        hosts=(("one", 26379), ("two", 26380)),
        password="pass",
        service="cinema",
        sentinel_password="other",
    ),
    "rediss+cluster://:pass@one:7000,two": RedisAddress(
        kind="cluster", hosts=(("one", 7000), ("two", 6379)), password="pass", tls=True
    ),
}


@pytest.mark.parametrize(("url", "address"), FORMS.items(), ids=FORMS.keys())
def test_each_form_is_taken_apart(url: str, address: RedisAddress) -> None:
    assert read_redis_address(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "http://redis",
        "redis+ring://redis",
        "redis://",
        "redis://one,two",
        "redis://redis/cinema",
        "redis://redis:port",
        "redis://redis?decode_responses=true",
        "redis+sentinel://one,two",
        "redis+sentinel://one,two/",
        "redis+cluster://one,two/3",
        "redis+cluster://one,,two",
        "redis",
        "redis://re dis",
        "redis://[::1",
    ],
)
def test_what_has_none_of_the_forms_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(not an address of Redis|Invalid IPv6 URL|bad query field.*)$"):
        read_redis_address(url)


def test_passwords_do_not_show_themselves() -> None:
    address = read_redis_address("redis+sentinel://:s3cr3t@one/cinema?sentinel_password=s3cr3t")

    assert "s3cr3t" not in repr(address)
