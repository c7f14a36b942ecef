"""Load on the service in production shape, each figure beside the floor that this machine allows.

Brings up PostgreSQL, Redis, offline social networks and the service with two workers on loopback, all of its own, and
lets wrk ask. In each round every scenario is measured and, a moment later, its floor; what counts is the median of the
rounds. Rate limits are off (AUTH_RATE_LIMITS=false) but in `refresh_limited`, and answers are not held back
(AUTH_ANSWER_STEP=0), which in production hides who has an account. Nothing is left behind, after Ctrl-C neither.

    make bench                                              all scenarios, 3 rounds of 5 s: about eight minutes
    make bench ARGS=--quick                                 does everything work? one round of 1 s: about a minute
    make bench ARGS="--scenarios refresh,login --rounds 5"
    make bench ARGS="--peers all --scenarios refresh,login,get_me"
    make bench ARGS="--seconds 20 --results /tmp/results"
"""

import argparse
import os
import resource
import shutil
import signal
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from app.http.logs import configure_logs
from load.peers.measure import Peers, chosen, listed, serving_peers
from load.picture import draw
from load.processes import Memory
from load.report import describe_machine, show, write
from load.result import Figures, Result
from load.scenarios import IN_FLIGHT, ONCE, SCENARIOS, Bench, warm_up
from load.seed import seed_accounts
from load.surroundings import HERE, Surroundings, prepared, serve, workplace
from load.wrk import Unexpected

FILES_NEEDED = 2 * IN_FLIGHT + 1000


def main() -> None:
    wanted = read_arguments()
    for program in ("wrk", "redis-benchmark"):
        if not shutil.which(program):
            raise SystemExit(f"{program} is missing: `make bench` installs it")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(FILES_NEEDED, 4096), most), most))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    configure_logs(level="error", for_people=True, output=sys.stderr)
    machine = describe_machine()
    console = Console(stderr=True)
    try:
        with workplace() as folder, progress_on(console) as progress, prepared(folder) as around:
            results, service, peers, failures = measure(around, wanted, progress)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    show(Console(), results, service, peers, machine)
    files = write(wanted.results, results, service, peers, machine), draw(wanted.results, results, machine)
    console.print("Written:", *map(os.path.relpath, files))
    if failures:
        raise SystemExit("not measured: " + "; ".join(failures))


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, epilog=_list()
    )
    parser.add_argument("--scenarios", type=_names, default=list(SCENARIOS), help="only these, separated by commas")
    parser.add_argument("--seconds", type=_positive, default=5, help="of one measurement (5)")
    parser.add_argument("--rounds", type=_positive, default=3, help="of all scenarios (3)")
    parser.add_argument("--peers", type=_peers, default=[], help="beside these, separated by commas, or all (none)")
    parser.add_argument("--quick", action="store_true", help="one short round: whether everything works, no figures")
    parser.add_argument("--results", type=Path, default=HERE / "results", help="where to write (benchmarks/results)")
    wanted = parser.parse_args()
    if wanted.quick:
        wanted.seconds, wanted.rounds = 1, 1
    return wanted


def _list() -> str:
    return (
        "scenarios:\n" + "\n".join(f"  {name:<22} {act.__doc__}" for name, act in SCENARIOS.items()) + "\n" + listed()
    )


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in SCENARIOS]:
        raise argparse.ArgumentTypeError(f"no scenario {', '.join(unknown)}; there are {', '.join(SCENARIOS)}")
    return names


def _peers(text: str) -> list[str]:
    try:
        return chosen(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _positive(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 600:
        raise argparse.ArgumentTypeError("1 to 600")
    return value


def progress_on(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def measure(
    around: Surroundings, wanted: argparse.Namespace, progress: Progress
) -> tuple[list[Result], dict[str, float], Peers, list[str]]:
    """Returns: what was found, what is known of the service itself and of the peers, and what went otherwise."""
    task = progress.add_task("preparing", total=len(wanted.scenarios) * wanted.rounds)
    starts = measure_starts(around, wanted.rounds)
    idle = Memory.at_rest(around.service)
    addresses = seed_accounts(around)
    bench = Bench(
        around=around, seconds=wanted.seconds, addresses=addresses, in_flight=200 if wanted.quick else IN_FLIGHT
    )
    warm_up(bench)
    with serving_peers(wanted.peers, around, bench, wanted.rounds, progress) as peers:
        found, failures = measure_rounds(bench, wanted, peers, progress, task)
    loaded = Memory.most(around.service.workers)
    results = [
        Result(scenario=name, about=_about(SCENARIOS[name]), rounds=found[name], peers=peers.results(name))
        for name in wanted.scenarios
    ]
    service = {"start_s": statistics.median(starts), **_memory("idle", idle), **_memory("loaded", loaded)}
    return results, service, peers, failures


def measure_rounds(
    bench: Bench, wanted: argparse.Namespace, peers: Peers, progress: Progress, task: TaskID
) -> tuple[dict[str, list[Figures]], list[str]]:
    """Returns: what was found by scenario, and what went otherwise than it should."""
    found: dict[str, list[Figures]] = {name: [] for name in wanted.scenarios}
    failures: list[str] = []

    def fail(name: str, error: object) -> None:
        failures.append(str(error))
        progress.console.print(f"[red]{name}[/red]: {error}")

    for number in range(wanted.rounds):
        for name in wanted.scenarios:
            progress.update(task, description=f"round {number + 1}, {name}")
            if name not in ONCE or number == 0:
                try:
                    found[name].append(SCENARIOS[name](bench))
                except Unexpected as error:
                    fail(name, error)
                else:
                    for failure in peers.measure(bench, name, found[name][-1]):
                        fail(name, failure)
            progress.advance(task)
    return found, failures


def measure_starts(around: Surroundings, rounds: int) -> list[float]:
    """Seconds from the start of the process to 200 from /readyz, on a database that has its schema."""
    starts = []
    for _ in range(rounds):
        with serve(around.folder, around.environment, "start") as program:
            starts.append(program.started_in)
    return starts


def _memory(state: str, memory: Memory) -> dict[str, float]:
    return {
        f"{state}_pss_mb": memory.pss,
        f"{state}_largest_worker_pss_mb": memory.largest,
        f"{state}_rss_mb": memory.rss,
    }


def _about(act: Callable[[Bench], Any]) -> str:
    return act.__doc__ or ""


if __name__ == "__main__":
    main()
