"""Every account as a line of JSON, in the form in which the import takes it."""

from collections.abc import Callable, Sequence
from uuid import UUID

from app.ports.conflicts import rerun_on_conflict
from app.social.account_record import AccountRecord, write_record
from app.social.services import SocialServices

PAGE = 500


async def export_accounts(services: SocialServices, write: Callable[[bytes], object], *, with_passwords: bool) -> int:
    """Write account by account, in the order of their ids, each as it is when its turn comes.

    Args:
        write: takes one line with its end.

    Returns:
        How many there were.
    """
    count = 0
    last: UUID | None = None
    while page := await _read_page(services, last):
        for record in page:
            write(write_record(record, with_password=with_passwords) + b"\n")
        count, last = count + len(page), page[-1].user.id
    return count


@rerun_on_conflict
async def _read_page(services: SocialServices, after: UUID | None) -> Sequence[AccountRecord]:
    async with services.storage.reading() as tx:
        return await tx.transfer.page(after=after, limit=PAGE)
