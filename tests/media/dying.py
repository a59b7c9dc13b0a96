"""A storage whose user dies at one of its calls, or that does not answer."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO, TypeVar

import pytest

from app.media.errors import StorageAway
from app.media.gateway.protocol import Storage, Stored
from app.media.services import uploads

T = TypeVar("T")


class Killed(BaseException):
    """What is done when a process is killed: nothing more."""


@dataclass(slots=True)
class Dying:
    """Dies at the call of this number, before it is made or after; at -1 it never does."""

    storage: Storage
    at: int
    after: bool = False
    away: bool = False

    def put(self, key: str, content: bytes, *, headers: Mapping[str, str]) -> None:
        self._call(lambda: self.storage.put(key, content, headers=headers))

    def put_file(self, key: str, file: BinaryIO, *, headers: Mapping[str, str]) -> None:
        self._call(lambda: self.storage.put_file(key, file, headers=headers))

    def read(self, key: str, *, start: int, length: int) -> bytes:
        return self._call(lambda: self.storage.read(key, start=start, length=length))

    def get(self, key: str) -> bytes:
        return self._call(lambda: self.storage.get(key))

    def delete(self, keys: Iterable[str]) -> None:
        self._call(lambda: self.storage.delete(keys))

    def below(self, folder: str) -> Sequence[str]:
        return self._call(lambda: self.storage.below(folder))

    def following(self, key: str, *, limit: int) -> Sequence[Stored]:
        return self._call(lambda: self.storage.following(key, limit=limit))

    def link(self, key: str, lifetime: timedelta) -> str | None:
        return self.storage.link(key, lifetime)

    def _call(self, make: Callable[[], T]) -> T:
        if self.away:
            raise StorageAway("no answer")
        dies_now, self.at = self.at == 0, self.at - 1
        if dies_now and not self.after:
            raise Killed
        answer = make()
        if dies_now:
            raise Killed
        return answer


@contextmanager
def killed_in(monkeypatch: pytest.MonkeyPatch, name: str) -> Iterator[None]:
    """Whoever calls this function of the uploads in the block is killed there; somebody has to."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(uploads, name, die)
        with pytest.raises(Killed):
            yield
