"""The peers' share of a measurement: brought up, checked, and asked in the same rounds as the service."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from subprocess import SubprocessError

from aiohttp import ClientError
from rich.progress import Progress

from load.peers.catalogue import PEERS, Peer
from load.peers.check import check
from load.peers.install import NotInstalled, install
from load.peers.running import RunningPeer, serving
from load.result import Figures, PeerResult
from load.scenarios import LOGIN_CONNECTIONS, Bench, replace_seconds
from load.seed import PASSWORD
from load.surroundings import Surroundings
from load.wrk import Unexpected

FAILURES = (Unexpected, ClientError, OSError, SubprocessError)  # the latter when a worker or the whole peer has died
WARM_UP_SECONDS = 2  # Node compiles what it sees often


@dataclass(kw_only=True)
class Peers:
    """Those that serve, and what was found of them so far.

    Attributes:
        left_out: why, by name.
        found: the rounds, by scenario and name.
    """

    running: Sequence[RunningPeer] = ()
    left_out: dict[str, str] = field(default_factory=dict)
    found: dict[tuple[str, str], list[Figures]] = field(default_factory=dict)

    def measure(self, bench: Bench, scenario: str, ours: Figures) -> Iterator[str]:
        """Ask each of them for the same work. Gives what went otherwise than it should."""
        for each in self.running:
            if scenario in each.peer.requests:
                try:
                    found = _measure(bench, each, scenario)
                except FAILURES as error:
                    yield f"{scenario} of {each.peer.name}: {error}"
                else:
                    times = ours.rate / found.rate if found.rate else 0
                    rounds = self.found.setdefault((scenario, each.peer.name), [])
                    rounds.append(replace(found, notes={"ours_times": times}))

    def results(self, scenario: str) -> list[PeerResult]:
        return [
            PeerResult(scenario=name, about=PEERS[name].requests[scenario].meaning, rounds=rounds)
            for (of, name), rounds in self.found.items()
            if of == scenario
        ]

    def facts(self) -> dict[str, dict[str, str | float]]:
        """By name: version, start and memory."""
        return {each.peer.name: {"version": each.version, **each.facts} for each in self.running}


@contextmanager
def serving_peers(
    names: Sequence[str], around: Surroundings, bench: Bench, starts: int, progress: Progress
) -> Iterator[Peers]:
    """Let the wanted peers serve; who cannot is left out."""
    peers = Peers()
    with ExitStack() as stack:
        for number, name in enumerate(names):
            try:
                progress.console.print(f"{name}: installing, preparing, starting …")
                install(PEERS[name])
                running = stack.enter_context(serving(PEERS[name], around, number, starts))
                check(running)
                _warm_up(bench, running)
            except (NotInstalled, SystemExit, *FAILURES) as error:
                progress.console.print(f"[red]{name} is left out[/red]: {error}", highlight=False)
                peers.left_out[name] = str(error)
            else:
                peers.running = [*peers.running, running]
        yield peers


def _warm_up(bench: Bench, running: RunningPeer) -> None:
    for scenario in running.peer.requests:
        _measure(replace_seconds(bench, WARM_UP_SECONDS), running, scenario)


def _measure(bench: Bench, running: RunningPeer, scenario: str) -> Figures:
    request = running.peer.requests[scenario]
    options = dict(request.options) | {"lines": running.lines_for(request), "password": PASSWORD}
    shot = bench.shot(request.script, request.path, running.program, **options)
    if scenario == "login":
        shot = replace(shot, connections=LOGIN_CONNECTIONS)
    return bench.measure(shot, running.program)


def chosen(text: str) -> list[str]:
    """The peers that `--peers` names.

    Raises:
        ValueError: there is none of that name.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names in (["all"], ["none"]):
        return list(PEERS) if names == ["all"] else []
    if unknown := [name for name in names if name not in PEERS]:
        raise ValueError(f"no peer {', '.join(unknown)}; there are {', '.join(PEERS)}, all, none")
    return names


def listed() -> str:
    return "peers:\n" + "\n".join(f"  {_line(peer)}" for peer in PEERS.values())


def _line(peer: Peer) -> str:
    return f"{peer.name:<22} {', '.join(peer.requests)}"
