"""What the development page finds out about its place."""

from pathlib import Path

import pytest

from app.development.surroundings import find_emulator, is_own_host
from app.settings import ProviderSettings, Secret
from app.tests.support.service import settings_for_test

AWAY = ProviderSettings(client_id="c", authorize_url="https://id.vk.example/authorize")


@pytest.mark.parametrize("host", ["localhost", "emulator.localhost"])
def test_an_emulator_on_this_machine_is_found(host: str, tmp_path: Path) -> None:
    at_home = ProviderSettings(client_id="c", authorize_url=f"http://{host}:9000/vk/authorize")

    assert find_emulator(settings_for_test(tmp_path, vk=at_home)) == f"http://{host}:9000"


def test_google_leads_to_the_emulator_by_its_issuer(tmp_path: Path) -> None:
    google = ProviderSettings(client_id="c", client_secret=Secret("s"), issuer="http://127.0.0.1:9000/google")

    assert find_emulator(settings_for_test(tmp_path, google=google)) == "http://127.0.0.1:9000"


def test_real_providers_are_no_emulator(tmp_path: Path) -> None:
    assert find_emulator(settings_for_test(tmp_path, vk=AWAY)) is None
    assert find_emulator(settings_for_test(tmp_path)) is None


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "192.168.0.7:8000", "dev.example"])
def test_own_names_and_bare_addresses_are_ours(host: str) -> None:
    assert is_own_host(host, "https://dev.example")


@pytest.mark.parametrize("host", ["", "rebound.example", "rebound.example:8000", "127.0.0.1.rebound.example", "[::1"])
def test_other_names_are_not(host: str) -> None:
    assert not is_own_host(host, "https://dev.example")
