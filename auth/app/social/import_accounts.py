"""Take over accounts from another system, line by line: whatever is here already stays as it is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from app.accounts.authority import note_act
from app.errors import InvalidInput
from app.ports.conflicts import rerun_on_conflict
from app.sessions.model import LoginOutcome
from app.social.account_record import AccountRecord
from app.social.import_decision import Fate, ImportOptions, judge, learn
from app.social.read_record import read_record
from app.social.repository import SocialTransaction
from app.social.services import SocialServices

T = TypeVar("T")
Numbered = tuple[int, AccountRecord]

BATCH = 500
MAX_LINE_BYTES = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A line that was skipped. Attributes: field: the member, as a path; never a value."""

    line: int
    field: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many lines ended how."""

    imported: int = 0
    already_there: int = 0
    refused: int = 0

    @property
    def lines(self) -> int:
        return self.imported + self.already_there + self.refused


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the caller is told of a batch: the sums so far, and the lines that were refused in it."""

    tally: Tally
    refusals: Sequence[Refusal]


async def import_accounts(
    services: SocialServices, lines: Iterable[bytes], options: ImportOptions, tell: Callable[[Report], None]
) -> Tally:
    """Import in batches, each of which counts as a whole: a stop in the middle is made good by running it again.

    A line whose account is here already changes nothing; one that clashes with somebody else's is refused. In a dry run
    lines are compared with the store and with those of their own batch.

    Args:
        lines: may be empty; those longer than `MAX_LINE_BYTES` are refused.
        tell: called after each batch.

    Raises:
        TemporarilyUnavailable: the database is away. What was told counts.
    """
    tally = Tally()
    for batch in _batches(enumerate(lines, start=1), BATCH):
        records, refusals = _read_batch(services, [each for each in batch if each[1].strip()])
        fates, clashes = await _write_batch(services, records, options)
        refusals += clashes
        tally = Tally(
            imported=tally.imported + fates.count(Fate.IMPORTED),
            already_there=tally.already_there + fates.count(Fate.ALREADY_THERE),
            refused=tally.refused + len(refusals),
        )
        tell(Report(tally=tally, refusals=sorted(refusals, key=lambda each: each.line)))
    return tally


def _read_batch(services: SocialServices, lines: Sequence[tuple[int, bytes]]) -> tuple[list[Numbered], list[Refusal]]:
    now = services.clock.now()
    records: list[Numbered] = []
    refusals: list[Refusal] = []
    for number, line in lines:
        try:
            if len(line) > MAX_LINE_BYTES:
                raise InvalidInput(f"longer than {MAX_LINE_BYTES // 1024} KiB", pointer="")
            records.append((number, read_record(line, now=now)))
        except InvalidInput as error:
            refusals.append(_refuse(number, error))
    return records, refusals


@rerun_on_conflict  # somebody may register at this moment: the second look finds them
async def _write_batch(
    services: SocialServices, records: Sequence[Numbered], options: ImportOptions
) -> tuple[list[Fate], list[Refusal]]:
    fates: list[Fate] = []
    refusals: list[Refusal] = []
    new: list[AccountRecord] = []
    async with services.storage.transaction() as tx:
        known = await tx.transfer.find_known([record for _, record in records])
        for number, record in records:
            try:
                fate = judge(record, known, options)
            except InvalidInput as error:
                refusals.append(_refuse(number, error))
                continue
            fates.append(fate)
            if fate is Fate.IMPORTED:
                new.append(record)
                learn(known, record)
        if not options.dry_run:
            await _add(services, tx, new)
    return fates, refusals


async def _add(services: SocialServices, tx: SocialTransaction, records: Sequence[AccountRecord]) -> None:
    await tx.transfer.add(records)
    for record in records:
        for role in record.roles:
            await note_act(services.accounts, tx, record.user.id, LoginOutcome.ROLE_GRANTED, by=None, role=role)


def _refuse(line: int, error: InvalidInput) -> Refusal:
    [found] = error.extra["errors"]
    return Refusal(line=line, field=found["pointer"].strip("/"), reason=found["detail"])


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
