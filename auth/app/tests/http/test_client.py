"""Whom a request is from: told by trusted proxies, from the right, and by nobody else."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Request
from litestar.testing import RequestFactory

from app.http.client import MAX_USER_AGENT, UNKNOWN_ADDRESS, Client, Network, read_client
from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, register
from app.tests.support.service import serving

SCOPE = RequestFactory().get("/").scope
PROXIES: tuple[Network, ...] = (IPv4Network("10.0.0.0/8"), IPv6Network("fd00::/8"))


def incoming(peer: str | None, forwarded: Sequence[str] = (), agent: str = "") -> Request[Any, Any, Any]:
    """A request as the server hands it over."""
    headers = [(b"x-forwarded-for", line.encode("latin-1")) for line in forwarded]
    scope: Any = {
        **SCOPE,
        "state": {},  # what one request has read must not be taken for the next
        "client": (peer, 1234) if peer is not None else None,
        "headers": [*headers, (b"user-agent", agent.encode("latin-1"))],
    }
    return Request(scope)


def found(peer: str | None, *forwarded: str, proxies: Sequence[Network] = PROXIES) -> str:
    return read_client(incoming(peer, forwarded), proxies).address


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.1, 203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.1", "203.0.113.9"), "203.0.113.9"),
        ("10.0.0.1", ("203.0.113.9, 10.0.0.2, 10.0.0.3",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.1, 203.0.113.9, 10.0.0.2",), "203.0.113.9"),
        ("10.0.0.1", ("10.0.0.3, 10.0.0.2",), "10.0.0.3"),
        ("10.0.0.1", ("203.0.113.9, nonsense",), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.9,",), "10.0.0.1"),
        ("10.0.0.1", ("",), "10.0.0.1"),
        ("::ffff:10.0.0.1", ("::ffff:203.0.113.9",), "203.0.113.9"),
        ("fd00::1", ("2001:DB8:0:0:0:0:0:1",), "2001:db8::1"),
        ("fd00::1%eth0", ("2001:db8::1%" + "z" * 500,), "2001:db8::1"),
        (None, ("203.0.113.9",), UNKNOWN_ADDRESS),
        ("a unix socket", (), UNKNOWN_ADDRESS),
    ],
)
def test_the_first_address_that_is_no_proxy_is_the_caller(
    peer: str | None, forwarded: tuple[str, ...], address: str
) -> None:
    """RL-04: read from the right; what stands left of it is hearsay."""
    assert found(peer, *forwarded) == address


ADDRESSES = st.ip_addresses().map(str)
HEARSAY = st.one_of(ADDRESSES, st.text(st.characters(codec="latin-1", exclude_characters=",\r\n"), max_size=20))


@given(
    hearsay=st.lists(HEARSAY, max_size=5),
    caller=ADDRESSES,
    chain=st.lists(st.ip_addresses(network="10.0.0.0/8"), max_size=3),
)
def test_nothing_left_of_the_first_untrusted_hop_is_believed(
    hearsay: list[str], caller: str, chain: list[object]
) -> None:
    """RL-04: whatever the caller writes in front, the answer is the one without it."""
    if any(ip_address(caller) in network for network in PROXIES):
        return
    told = [caller, *map(str, chain)]

    with_hearsay = found("10.9.9.9", ", ".join([*hearsay, *told]))

    assert with_hearsay == found("10.9.9.9", ", ".join(told))


@given(peer=ADDRESSES, forwarded=st.lists(HEARSAY, max_size=5))
def test_without_trusted_proxies_the_peer_is_the_caller(peer: str, forwarded: list[str]) -> None:
    """RL-04: the default."""
    assert found(peer, ", ".join(forwarded), proxies=()) == found(peer, proxies=())


@given(peer=HEARSAY, forwarded=st.lists(HEARSAY, max_size=3))
def test_the_address_is_always_one_and_fits_its_column(peer: str, forwarded: list[str]) -> None:
    """IN-07, IN-12."""
    client = read_client(incoming(peer, forwarded), (ip_network("0.0.0.0/0"), ip_network("::/0")))

    assert str(ip_address(client.address)) == client.address
    assert len(client.address) <= 45
    assert client.network


@given(st.text(st.characters(codec="latin-1"), max_size=2000))
def test_a_user_agent_is_cut_and_cleaned(agent: str) -> None:
    """HI-01, IN-12."""
    cleaned = read_client(incoming("203.0.113.9", agent=agent), ()).user_agent

    assert len(cleaned) <= MAX_USER_AGENT
    assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in cleaned)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::6", "2001:db8:1:3::/64"),
    ],
)
def test_a_household_of_ipv6_counts_as_one_caller(address: str, network: str) -> None:
    """RL-05."""
    assert Client(address=address, user_agent="").network == network


async def test_the_history_keeps_the_address_by_that_rule(tmp_path: Path, clock: ManualClock) -> None:
    """HI-01: with one trusted proxy, and with none."""
    for number, proxies in enumerate([("127.0.0.1",), ()]):
        async with serving(tmp_path / str(number), clock, trusted_proxies=proxies) as service, service.viewer() as anna:
            await register(service, "anna@example.ru")

            await anna.post(
                "/login",
                {"email": "anna@example.ru", "password": "wrong"},
                headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Real-IP": "198.51.100.2"},
            )

            [row] = await execute(service, "SELECT address FROM login_history")
            assert row["address"] == ("203.0.113.9" if proxies else "127.0.0.1")
