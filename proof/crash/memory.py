"""A storage that is gone with its process, and needs no thread."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import BinaryIO

from app.media.gateway.protocol import Stored
from app.platform import clock


class Memory:
    """Files in a dictionary."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, key: str, content: bytes, *, headers: Mapping[str, str]) -> None:
        """Keep these bytes."""
        self._kept[key] = content

    def put_file(self, key: str, file: BinaryIO, *, headers: Mapping[str, str]) -> None:
        """Keep what is read from a file."""
        self._kept[key] = file.read()

    def read(self, key: str, *, start: int, length: int) -> bytes:
        """A piece of what is kept."""
        return self._kept[key][start : start + length]

    def get(self, key: str) -> bytes:
        """All of it."""
        return self._kept[key]

    def delete(self, keys: Iterable[str]) -> None:
        """Forget these."""
        for key in keys:
            self._kept.pop(key, None)

    def below(self, folder: str) -> Sequence[str]:
        """The keys in a folder."""
        return [key for key in self._kept if key.startswith(f"{folder}/")]

    def following(self, key: str, *, limit: int) -> Sequence[Stored]:
        """The next ones, all of them new."""
        after = sorted(each for each in self._kept if each > key)
        return [Stored(each, clock.now()) for each in after[:limit]]

    def link(self, key: str, lifetime: timedelta) -> str | None:
        """None: nobody opens these."""
        return None
