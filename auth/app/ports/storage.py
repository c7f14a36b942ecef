"""The store of everything durable, one transaction at a time."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from app.errors import TemporarilyUnavailable

Tx_co = TypeVar("Tx_co", covariant=True)


class WriteConflict(TemporarilyUnavailable):
    """Another transaction was in the way, or the connection was lost: nothing of this one was kept.

    It may run again, and `ports/conflicts.py` sees to that before a caller is told to do so.
    """


class UniqueViolation(WriteConflict):
    """Another transaction has just written the same key, or removed what this one refers to."""


class SchemaUnknown(Exception):
    """The database was written by a newer version of the service; it is left alone."""


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One step of the schema."""

    revision: str
    title: str


@dataclass(frozen=True, kw_only=True)
class SchemaState:
    """Where the schema of a database stands.

    Attributes:
        server: the kind and version of the database.
        revision: absent in an empty database.
    """

    server: str
    revision: str | None
    pending: tuple[Migration, ...]


class Storage(Protocol[Tx_co]):
    """Opens transactions on the repositories that a domain asks for in its `repository.py`."""

    def transaction(self) -> AbstractAsyncContextManager[Tx_co]:
        """A block of local work: committed on clean exit, undone on any error.

        No hashing, mail or HTTP inside; what must outlive an error is raised after the block.

        Raises:
            WriteConflict: at the statement that clashed, or at the end of the block.
            TemporarilyUnavailable: the database is away or has no free connection.
        """
        ...

    def single(self) -> AbstractAsyncContextManager[Tx_co]:
        """A transaction of one call, which is committed with it.

        A database on another machine is asked once instead of three times: to begin, for the call, to commit.

        Raises:
            WriteConflict: another transaction was in the way.
            TemporarilyUnavailable: as in a transaction; also when the connection was lost, which leaves open what
                became of the call.
        """
        ...

    def reading(self) -> AbstractAsyncContextManager[Tx_co]:
        """A block that only looks, and locks nothing: each statement sees what is committed at its moment.

        For one look, a transaction would make three questions of one: its begin, the look, its commit.

        Raises:
            WriteConflict: the connection was lost.
            TemporarilyUnavailable: as in a transaction.
        """
        ...
