"""`python -m app dev`: everything to try, in one process tree that ends with its parent."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from app.tests.support.terminal import AUTH_FOLDER, PATIENCE_SECONDS, environment, run


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Dev:
    """The running command, from its announcement on."""

    def __init__(self, data_dir: Path, **variables: str) -> None:
        self.port, self.emulator_port = free_port(), free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", "dev", "--emulator-port", str(self.emulator_port)],
            cwd=AUTH_FOLDER,
            env=environment(data_dir, AUTH_PORT=str(self.port), **variables),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.announced = ""
        for line in self.process.stdout:
            self.announced += line
            if "Ctrl-C" in line:
                break

    async def providers(self) -> list[str]:
        """Ask until the service listens."""
        url = f"http://localhost:{self.port}/auth/api/v1/oauth/providers"
        async with aiohttp.ClientSession() as session:
            while True:
                assert self.process.poll() is None
                try:
                    async with session.get(url) as answer:
                        return [each["social"] for each in await answer.json()]
                except aiohttp.ClientConnectionError:
                    continue

    def wait_for_the_emulator_to_end(self) -> None:
        """Return when nobody listens on its port any more: a connection is refused."""
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.emulator_port)) != 0:
                    return

    def end(self, number: signal.Signals) -> int:
        os.kill(self.process.pid, number)
        code = self.process.wait(PATIENCE_SECONDS)
        if self.process.stdout:
            self.process.stdout.close()
        return code


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_whatever_ends_it_leaves_no_process_behind(number: signal.Signals, tmp_path: Path) -> None:
    dev = Dev(tmp_path)

    offered = await dev.providers()
    dev.end(number)

    assert offered == ["yandex", "vk", "google", "mail"]
    assert f"http://localhost:{dev.port}/" in dev.announced
    dev.wait_for_the_emulator_to_end()


async def test_two_variables_swap_one_provider_for_the_real_one(tmp_path: Path) -> None:
    dev = Dev(tmp_path, AUTH_YANDEX_CLIENT_ID="mine", AUTH_YANDEX_CLIENT_SECRET="my secret")

    await dev.providers()
    async with aiohttp.ClientSession(headers={"Accept": "application/json"}) as session:
        url = f"http://localhost:{dev.port}/auth/api/v1/oauth/login"
        async with session.get(url, params={"social": "yandex"}) as answer:
            yandex = (await answer.json())["authorize_url"]
        async with session.get(url, params={"social": "vk"}) as answer:
            vk = (await answer.json())["authorize_url"]
    dev.end(signal.SIGINT)

    assert yandex.startswith("https://oauth.yandex.ru/authorize?response_type=code&client_id=mine&")
    assert vk.startswith(f"http://127.0.0.1:{dev.emulator_port}/vk/authorize?")
    assert "real: yandex" in dev.announced


def test_production_refuses_it(tmp_path: Path) -> None:
    production = {"AUTH_ENVIRONMENT": "production", "AUTH_PUBLIC_URL": "https://auth.example"}
    mail = {"AUTH_EMAIL_HOST": "127.0.0.1", "AUTH_EMAIL_FROM": "auth@cinema.example"}

    done = run(tmp_path, "app", "dev", **production, **mail)

    assert (done.returncode, "AUTH_ENVIRONMENT is production" in done.stderr) == (1, True)
