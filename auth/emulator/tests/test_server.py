"""The emulator as a part of somebody's test."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from emulator import DEMO_APPS, Emulator
from emulator.names import PROVIDERS
from emulator.tests.client import Client


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "emulator")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    path = folder / "tls.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


async def test_it_serves_tls(tmp_path: Path) -> None:
    context = self_signed(tmp_path)

    async with Emulator(tls=context) as emulator, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(f"{emulator.url}/")
        trusting = ssl.create_default_context(cafile=tmp_path / "tls.pem")
        async with session.get(f"{emulator.url}/", ssl=trusting) as answer:
            status = answer.status

    assert emulator.url.startswith("https://")
    assert status == 200


async def test_several_run_side_by_side_and_share_nothing() -> None:
    async with Emulator() as one, Emulator() as two:
        one.decide("yandex")

        assert one.url != two.url
        assert two.world.decisions["yandex"].take() is None


async def test_an_address_seen_from_outside_is_used_everywhere() -> None:
    async with Emulator(public_url="https://social.example") as emulator:
        settings = emulator.environment()

    assert settings["AUTH_GOOGLE_ISSUER"] == "https://social.example/google"
    assert settings["AUTH_VK_TOKEN_URL"] == "https://social.example/vk/oauth2/auth"


async def test_redirect_addresses_are_registered_in_both_forms(emulator: Emulator) -> None:
    emulator.allow_redirects("http://another.test/cb")

    for provider in PROVIDERS:
        known = emulator.world.apps.demo(provider).redirect_uris

        assert f"http://another.test/cb?social={provider}" in known
        assert f"http://another.test/cb/{provider}" in known
        assert f"http://cinema.test/auth/api/v1/oauth/authorize?social={provider}" in known


async def test_the_demo_settings_name_the_demo_applications(emulator: Emulator) -> None:
    settings = emulator.environment()

    for provider in PROVIDERS:
        app = DEMO_APPS[provider]

        assert settings[f"AUTH_{provider.upper()}_CLIENT_ID"] == app.client_id
        assert settings.get(f"AUTH_{provider.upper()}_CLIENT_SECRET") == app.client_secret


async def test_waiting_for_a_request_ends_in_time(emulator: Emulator) -> None:
    with pytest.raises(TimeoutError):
        await emulator.wait_for_requests("yandex", "token", within=0.01)


async def test_the_record_says_what_was_sent_and_when(client: Client) -> None:
    """ALL-14."""
    moment = datetime(2030, 1, 1, tzinfo=UTC)

    async with Emulator(now=lambda: moment) as emulator:
        waiting = asyncio.create_task(emulator.wait_for_requests("vk", "token"))
        await client.post(f"{emulator.url}/vk/oauth2/auth?state=%20x", {"code": "%"}, {"User-Agent": "cinema"})
        record = (await waiting)[0]

    assert (record.method, record.path, record.query_string) == ("POST", "/vk/oauth2/auth", "state=%20x")
    assert (record.query["state"], record.form["code"]) == (" x", "%")
    assert record.headers["user-agent"] == "cinema"
    assert record.body == b"code=%25"
    assert record.at == moment


async def test_an_unknown_address_is_on_record(emulator: Emulator, client: Client) -> None:
    answer = await client.get(f"{emulator.url}/yandex/nothing")

    assert answer.status == 404
    assert emulator.requests("yandex", "unknown")[0].path == "/yandex/nothing"
