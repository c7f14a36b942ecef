"""Which change to the crew comes next: one at a time, and never fewer ready workers than wanted."""

import pytest

from app.cli.staffing import Step, Worker, next_step


def worker(pid: int, *, current: bool = True, ready: bool = True, leaving: bool = False) -> Worker:
    return Worker(pid=pid, started_at=0, current=current, ready=ready, ends_by=1 if leaving else None)


NEW, NEW_TOO, OLD, OLD_TOO = worker(1), worker(2), worker(3, current=False), worker(4, current=False)
STARTING, LEAVING = worker(5, ready=False), worker(6, current=False, leaving=True)


@pytest.mark.parametrize(
    ("crew", "expected"),
    [
        ([], Step.START),
        ([STARTING], Step.WAIT),
        ([NEW], Step.START),
        ([NEW, STARTING], Step.WAIT),
        ([NEW, NEW_TOO], Step.REST),
        ([NEW, LEAVING], Step.START),
        ([NEW, NEW_TOO, LEAVING], Step.WAIT),
        ([OLD, OLD_TOO], Step.START),
        ([OLD, OLD_TOO, STARTING], Step.WAIT),
        ([OLD, OLD_TOO, NEW], OLD),
        ([OLD_TOO, NEW, LEAVING], Step.WAIT),
        ([OLD_TOO, NEW], Step.START),
        ([OLD_TOO, NEW, NEW_TOO], OLD_TOO),
        ([OLD], Step.START),
        ([NEW, NEW_TOO, worker(7)], NEW),
        ([OLD, OLD_TOO, worker(8, current=False)], OLD),
    ],
)
def test_of_two_workers_wanted(crew: list[Worker], expected: Step | Worker) -> None:
    assert next_step(crew, 2) == expected


@pytest.mark.parametrize(("before", "wanted"), [(1, 1), (2, 2), (4, 4), (4, 2), (2, 4), (1, 3)])
def test_a_reload_replaces_everybody_and_never_leaves_fewer_than_were_there(before: int, wanted: int) -> None:
    crew = [worker(pid, current=False) for pid in range(before)]
    fewest = before

    while (step := next_step(crew, wanted)) is not Step.REST:
        if isinstance(step, Worker):
            crew.remove(step)
        else:
            crew.append(worker(len(crew) + 100))
        fewest = min(fewest, len(crew))

    assert ([each.current for each in crew], fewest) == ([True] * wanted, min(before, wanted))
