"""The way out to providers: only to whom it should go, only by a certificate that is theirs."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.social.errors import ProviderUnavailable
from app.social.provider_http import ProviderHttp, ProviderRequest
from emulator import Effect, Emulator, faults

DISCOVERY = "/google/.well-known/openid-configuration"


@asynccontextmanager
async def _way_out(*, public_only: bool = False, ca_file: Path | None = None) -> AsyncIterator[ProviderHttp]:
    http = ProviderHttp.open(public_only=public_only, ca_file=ca_file)
    try:
        yield http
    finally:
        await http.close()


def _certificate(folder: Path, *, name: str = "127.0.0.1", days: int = 1) -> Path:
    """A self-signed certificate with its key in one file; for `days` below zero it has expired."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    general: x509.GeneralName = x509.IPAddress(IPv4Address(name)) if name[0].isdigit() else x509.DNSName(name)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([general]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path


def _serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def _ask(http: ProviderHttp, url: str) -> int:
    return (await http.request(ProviderRequest(method="GET", url=url + DISCOVERY))).status


async def test_pr_08_a_certificate_of_nobody_we_trust_is_refused(tmp_path: Path) -> None:
    async with Emulator(tls=_serving(_certificate(tmp_path))) as emulator, _way_out() as http:
        with pytest.raises(ProviderUnavailable):
            await _ask(http, emulator.url)

    assert emulator.requests() == []


@pytest.mark.parametrize(("name", "days"), [("127.0.0.1", -1), ("another.example", 1), ("127.0.0.2", 1)])
async def test_pr_08_an_expired_or_foreign_certificate_is_refused(name: str, days: int, tmp_path: Path) -> None:
    certificate = _certificate(tmp_path, name=name, days=days)

    async with Emulator(tls=_serving(certificate)) as emulator, _way_out(ca_file=certificate) as http:
        with pytest.raises(ProviderUnavailable):
            await _ask(http, emulator.url)

    assert emulator.requests() == []


async def test_pr_08_a_national_authority_can_be_trusted_besides(tmp_path: Path) -> None:
    certificate = _certificate(tmp_path)

    async with Emulator(tls=_serving(certificate)) as emulator, _way_out(ca_file=certificate) as http:
        status = await _ask(http, emulator.url)

    assert status == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_pr_09_production_asks_no_address_of_the_inside(host: str) -> None:
    """By name or by number: a discovery document must not send us to our own network."""
    async with Emulator() as emulator, _way_out(public_only=True) as http:
        with pytest.raises(ProviderUnavailable):
            await _ask(http, emulator.url.replace("127.0.0.1", host))

    assert emulator.requests() == []


@pytest.mark.parametrize(
    "host",
    ["[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1", "2130706433", "0x7f.0.0.1", "169.254.169.254", "10.0.0.1"],
)
async def test_pr_09_no_spelling_of_an_inner_address_gets_out(host: str) -> None:
    async with Emulator() as emulator, _way_out(public_only=True) as http:
        with pytest.raises(ProviderUnavailable):
            await _ask(http, emulator.url.replace("127.0.0.1", host))

    assert emulator.requests() == []


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_pr_19_proxy_variables_of_the_system_are_not_followed(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Emulator() as emulator, Emulator() as proxy:
        monkeypatch.setenv(variable, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        async with _way_out() as http:
            status = await _ask(http, emulator.url)

    assert status == 200
    assert proxy.requests() == []


async def test_a_provider_sets_no_cookies_with_us() -> None:
    async with Emulator() as emulator, _way_out() as http:
        emulator.fault("google", "discovery", _with_cookie(), times=1)
        await _ask(http, emulator.url)
        await _ask(http, emulator.url)

    assert [("Cookie" in each.headers) for each in emulator.requests()] == [False, False]


def _with_cookie() -> Effect:
    return faults.body("{}", headers={"Set-Cookie": "session=x; Path=/"})


def test_nothing_that_is_sent_shows_in_a_text() -> None:
    request = ProviderRequest(
        method="GET",
        url="https://a.example/",
        params={"access_token": "sec-1"},
        headers={"A": "sec-2"},
        form={"b": "sec-3"},
    )

    assert "sec-" not in repr(request)
