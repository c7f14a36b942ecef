"""Whether the service answers as fast among ten million accounts as among ten thousand.

Fills one database and one Redis for each size with accounts that have an identity at a social network, a session and
a login history over a year, starts a service with two workers in production shape for each of them, and asks for
people at random. The sizes are asked in turn, call by call, so that whatever else the machine does meets all of them;
the ratio is that of the largest to the smallest, the median of the rounds.

    make scale ARGS="--sizes 10000,100000 --rounds 1"       does everything work? two minutes, 4 GB of disk
    make scale                                              10 thousand, 1 million, 10 million accounts
    make scale ARGS="--folder /srv/scale --fill-only"       fill and keep …
    make scale ARGS="--folder /srv/scale --rounds 9"        … for several measurements
"""

import argparse
import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, ExitStack, contextmanager
from functools import partial
from pathlib import Path

import aiohttp
from rich.console import Console

from app.bootstrap import open_services
from app.http.logs import configure_logs
from app.settings import Settings
from load.__main__ import progress_on
from load.processes import Program
from load.report import describe_machine
from load.result import Figures
from load.surroundings import HERE, make_folder, serve, workplace
from scale.measure import MEASURES, Door, Measure
from scale.plans import count_blocks
from scale.report import describe, draw, show, write
from scale.stores import Filled, Place, Stores, memory, opened

SIZES = "10000,1000000,10000000"
SMALLEST = 1000


def main() -> None:
    chosen = read_arguments()
    for program in ("redis-server", "redis-cli"):
        if not shutil.which(program):
            raise SystemExit(f"{program} is missing: `make scale` installs it")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    configure_logs(level="error", for_people=True, output=sys.stderr)
    machine = describe_machine() | {"memory_gb": memory("MemTotal") / 2**30, "buffers_mb": chosen.buffers}
    console = Console(stderr=True)
    try:
        with place(chosen.folder) as folder, _opened(folder, chosen) as stores:
            filled = fill_missing(stores, chosen.sizes, console)
            if chosen.fill_only:
                return
            stores.warm_up(chosen.sizes)
            with ExitStack() as stack:
                places = [stores.open(size) for size in chosen.sizes]
                programs = [stack.enter_context(serve(folder, each.environment, "service")) for each in places]
                found = asyncio.run(measure(places, programs, chosen, console))
                blocks = [count_blocks(stores.database, each.address, each.crowd) for each in places]
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    show(Console(), found, blocks, filled, machine)
    files = write(chosen.results, found, blocks, filled, machine), draw(chosen.results, found, filled, machine)
    console.print("Written:", *map(os.path.relpath, files))


def _opened(folder: Path, chosen: argparse.Namespace) -> AbstractContextManager[Stores]:
    return opened(folder, kept=chosen.folder is not None, buffers_mb=chosen.buffers)


def read_arguments() -> argparse.Namespace:
    measures = "measures:\n" + "\n".join(f"  {name:<15} {act.__doc__}" for name, act in MEASURES.items())
    parser = argparse.ArgumentParser(
        prog="make scale",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=measures,
    )
    parser.add_argument("--sizes", type=_sizes, default=_sizes(SIZES), help=f"numbers of accounts, ascending ({SIZES})")
    parser.add_argument("--measures", type=_names, default=list(MEASURES), help="only these, separated by commas")
    parser.add_argument("--seconds", type=_positive, default=4, help="of one measurement at one size (4)")
    parser.add_argument("--rounds", type=_positive, default=5, help="of all measurements (5)")
    parser.add_argument("--folder", type=Path, help="where to fill, and find again what is filled (temporary, removed)")
    quarter = memory("MemTotal") // 4 // 2**20
    parser.add_argument("--buffers", type=int, default=quarter, help="MB of shared_buffers (a quarter of the memory)")
    parser.add_argument("--fill-only", action="store_true", help="measure nothing; with --folder")
    parser.add_argument("--results", type=Path, default=HERE / "results", help="where to write (benchmarks/results)")
    chosen = parser.parse_args()
    if chosen.fill_only and not chosen.folder:
        parser.error("--fill-only fills for another time: name its --folder")
    return chosen


def _sizes(text: str) -> list[int]:
    sizes = sorted({int(size) for size in text.split(",")})
    if len(sizes) < 2 or sizes[0] < SMALLEST:
        raise argparse.ArgumentTypeError(f"two or more numbers, {SMALLEST} or greater")
    return sizes


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in MEASURES]:
        raise argparse.ArgumentTypeError(f"no measure {', '.join(unknown)}; there are {', '.join(MEASURES)}")
    return names


def _positive(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 600:
        raise argparse.ArgumentTypeError("1 to 600")
    return value


@contextmanager
def place(folder: Path | None) -> Iterator[Path]:
    if folder is None:
        with workplace() as temporary:
            yield temporary
    else:
        yield make_folder(folder.resolve())


def fill_missing(stores: Stores, sizes: Sequence[int], console: Console) -> list[Filled]:
    """Returns: what is known about each size."""
    missing = stores.missing(sizes)
    with progress_on(console) as progress:
        for size in missing:
            task = progress.add_task(f"filling {size:,}", total=size)
            stores.fill(size, partial(progress.advance, task))
            progress.update(task, description=f"filled {size:,}")
    stores.settle()
    filled = [stores.note_of(size) for size in sizes]
    for each in filled:
        console.print(describe(each), highlight=False)
    return filled


async def measure(
    places: Sequence[Place], programs: Sequence[Program], chosen: argparse.Namespace, console: Console
) -> dict[str, list[list[Figures]]]:
    """Returns: of each measurement the rounds, of each round the sizes."""
    found: dict[str, list[list[Figures]]] = {name: [] for name in chosen.measures}
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        doors = []
        for each, program in zip(places, programs, strict=True):
            services = await stack.enter_async_context(open_services(Settings.read(each.environment)))
            doors.append(Door(crowd=each.crowd, program=program, services=services, http=http))
        with progress_on(console) as progress:
            task = progress.add_task("warming up", total=chosen.rounds * len(found))
            for name in found:
                await MEASURES[name](doors, chosen.seconds)
            for number in range(chosen.rounds):
                for name, rounds in found.items():
                    progress.update(task, description=f"round {number + 1}, {name}")
                    rounds.append(await _shifted(MEASURES[name], doors, chosen.seconds, number))
                    progress.advance(task)
    return found


async def _shifted(act: Measure, doors: Sequence[Door], seconds: float, number: int) -> list[Figures]:
    """Let another size be the first in each round."""
    shift = number % len(doors)
    figures = await act([*doors[shift:], *doors[:shift]], seconds)
    return [*figures[len(doors) - shift :], *figures[: len(doors) - shift]]


if __name__ == "__main__":
    main()
