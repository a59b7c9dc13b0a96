"""What is asked of a storage, whichever it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that is there, and when it was written by the storage's clock."""

    key: str
    written_at: datetime


class Storage(Protocol):
    """Objects by keys of ours. Each call raises StorageAway when there is no answer."""

    def put(self, key: str, content: bytes, *, headers: Mapping[str, str]) -> None:
        """Keep these bytes under the key: wholly, in place of what was there, or not at all.

        `headers` are what a storage that serves it by itself answers with.
        """

    def put_file(self, key: str, file: BinaryIO, *, headers: Mapping[str, str]) -> None:
        """The same for what can be read from a file, from where it stands: no more of it than a few
        megabytes is in memory at once.
        """

    def read(self, key: str, *, start: int, length: int) -> bytes:
        """So many bytes of what is kept under the key, all of which must be there. Raises ObjectMissing."""

    def get(self, key: str) -> bytes:
        """What is kept under the key. Raises ObjectMissing."""

    def delete(self, keys: Iterable[str]) -> None:
        """Keep nothing under these keys; those with nothing are fine, too."""

    def below(self, folder: str) -> Sequence[str]:
        """The keys in a folder, of which there are few."""

    def following(self, key: str, *, limit: int) -> Sequence[Stored]:
        """The next `limit` objects after a key, in the order of their keys; fewer when there are no more."""

    def link(self, key: str, lifetime: timedelta) -> str | None:
        """An address that opens the object to whoever has it, for so long; None if it knows no such thing."""
