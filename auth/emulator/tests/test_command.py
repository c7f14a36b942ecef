"""The command line, run as its users run it."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process

import aiohttp
import pytest

from emulator.apps import environment

SERVE = ("serve", "--port", "0", "--redirect-base", "http://cinema.test/cb")


async def start(*arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "emulator", *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )


async def address(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().split()[-1]


async def output(*arguments: str) -> tuple[int | None, str, str]:
    process = await start(*arguments)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_its_address_serves_and_stops_at_a_signal(number: signal.Signals) -> None:
    process = await start(*SERVE)
    url = await address(process)

    async with aiohttp.ClientSession() as session, session.get(f"{url}/control/apps") as answer:
        apps = await answer.json()
    process.send_signal(number)
    code = await process.wait()

    assert code == 0
    assert "http://cinema.test/cb?social=vk" in str(apps)
    assert "http://cinema.test/cb/vk" in str(apps)


async def test_it_stops_with_its_parent() -> None:
    process = await start(*SERVE, "--exit-with-parent")
    await address(process)
    assert process.stdin is not None

    process.stdin.close()

    assert await process.wait() == 0


async def test_it_is_strict_about_localhost_when_told() -> None:
    """VK-16."""
    process = await start(*SERVE, "--strict-vk-ports")
    url = await address(process)

    async with aiohttp.ClientSession() as session, session.get(f"{url}/control/switches") as answer:
        switches = await answer.json()
    process.terminate()
    await process.wait()

    assert switches["vk"]["strict_localhost_port"] is True


async def test_a_taken_port_is_told() -> None:
    process = await start(*SERVE)
    port = (await address(process)).rpartition(":")[2]

    code, _, err = await output("serve", "--port", port)
    process.terminate()
    await process.wait()

    assert code == 1
    assert "cannot listen" in err
    assert "Traceback" not in err


async def test_it_prints_the_settings_of_the_service() -> None:
    code, out, _ = await output("env", "--port", "9001")

    settings = dict(line.split("=", 1) for line in out.splitlines())

    assert code == 0
    assert settings == environment("http://127.0.0.1:9001")
    assert settings["AUTH_GOOGLE_ISSUER"] == "http://127.0.0.1:9001/google"


async def test_the_help_has_examples() -> None:
    code, out, _ = await output("--help")

    assert code == 0
    assert "python -m emulator serve" in out
