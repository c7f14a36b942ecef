"""Whether a peer really does what is measured: an error page is answered fast, too."""

import asyncio

import aiohttp

from load.peers.running import RunningPeer, dig
from load.seed import PASSWORD, addresses
from load.wrk import Unexpected


def check(running: RunningPeer) -> None:
    """Log in, read the own account, stay signed in; and be refused what is to be refused.

    Raises:
        Unexpected: the peer answers otherwise.
    """
    asyncio.run(_check(running))


async def _check(running: RunningPeer) -> None:
    peer, email = running.peer, addresses()[0]
    async with aiohttp.ClientSession(running.program.url) as client:
        refused, _ = await running.log_in(client, email, f"not-{PASSWORD}")
        _expect(running, "a wrong password is refused", refused in {400, 401})
        status, answer = await running.log_in(client, email, PASSWORD)
        _expect(running, f"a login answers 200: {answer}", status == 200)
        access, refresh = dig(answer, peer.access), dig(answer, peer.refresh)
        await _read(running, client, access, email)
        status, answer = await running.ask(client, "refresh", refresh)
        _expect(running, f"a refresh answers 200: {answer}", status == 200)
        following = dig(answer, peer.refreshed)
        _expect(running, f"a refresh gives a JWT: {answer}", following.count(".") == 2)
        if peer.refresh != peer.access or peer.requests["refresh"].script == "refresh":
            _expect(running, "the token is another one", following != access)
            await _read(running, client, following, email)
        again, _ = await running.ask(client, "refresh", refresh)
        fate = "refused" if peer.rotates else "taken again"
        _expect(running, f"a token that was used once is {fate}: {again}", (again != 200) == peer.rotates)
        nobody, _ = await running.ask(client, "refresh", "no.such.token")
        _expect(running, f"a token of nobody is refused: {nobody}", nobody in {400, 401, 403})


async def _read(running: RunningPeer, client: aiohttp.ClientSession, token: str, email: str) -> None:
    status, answer = await running.ask(client, "get_me", token)
    _expect(running, f"the own account is told: {status} {answer}", status == 200 and email in str(answer))


def _expect(running: RunningPeer, what: str, holds: bool) -> None:
    if not holds:
        raise Unexpected(f"{running.peer.name}: it is not so that {what}")
