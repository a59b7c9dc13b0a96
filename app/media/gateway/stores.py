"""The two storages: a folder of this machine, and a bucket."""

import heapq
from abc import ABC
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from app.media.errors import ObjectMissing, StorageAway
from app.media.gateway.protocol import Storage, Stored
from app.media.gateway.rules import Bucket, MediaRules

PART = 5 * 1024 * 1024
"""A bucket takes a large file in such parts, and none that is smaller."""
RETRIES = 2
"""Of one call, within its time."""


def storage_for(rules: MediaRules, *, ca_file: Path | None) -> Storage:
    """The storage of the settings. It is opened by its first use, and so never before a fork."""
    if isinstance(rules.place, Path):
        return Folder(rules.place)
    return RemoteBucket(rules.place, timeout=rules.timeout, ca_file=ca_file)


class _Objects(ABC):
    """What both do alike."""

    _store: LocalStore | S3Store

    def get(self, key: str) -> bytes:
        """What is kept under the key."""
        with _answering():
            return bytes(obstore.get(self._store, key).bytes())

    def read(self, key: str, *, start: int, length: int) -> bytes:
        """A piece of what is kept under the key."""
        with _answering():
            return bytes(obstore.get_range(self._store, key, start=start, length=length))

    def _put_file(self, key: str, file: BinaryIO, **more: Any) -> None:
        with _answering():
            obstore.put(self._store, key, file, chunk_size=PART, max_concurrency=1, **more)

    def below(self, folder: str) -> Sequence[str]:
        """The keys in a folder."""
        with _answering():
            return [each["path"] for each in chain.from_iterable(obstore.list(self._store, folder))]

    def _after(self, key: str) -> Iterator[Any]:
        return chain.from_iterable(obstore.list(self._store, offset=key or None))


class Folder(_Objects):
    """Files below a folder: for one machine, whose processes all see it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _store(self) -> LocalStore:  # type: ignore[override]  # opened by its first use
        return LocalStore(self._folder, mkdir=True)

    def put(self, key: str, content: bytes, *, headers: Mapping[str, str]) -> None:
        """Keep these bytes; a folder remembers no headers, and whoever serves them knows which."""
        with _answering():
            obstore.put(self._store, key, content, use_multipart=False)

    def put_file(self, key: str, file: BinaryIO, *, headers: Mapping[str, str]) -> None:
        """Keep what is read from a file; it lies beside until it is whole."""
        self._put_file(key, file)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove these files."""
        for key in keys:
            with suppress(ObjectMissing), _answering():
                obstore.delete(self._store, key)

    def following(self, key: str, *, limit: int) -> Sequence[Stored]:
        """The next objects. A file system lists in no order: all are looked at, and no more remembered."""
        with _answering():
            found = heapq.nsmallest(limit, self._after(key), key=lambda each: each["path"])
            return [Stored(each["path"], each["last_modified"]) for each in found]

    def link(self, key: str, lifetime: timedelta) -> str | None:
        """None: the API opens these itself."""
        return None


class RemoteBucket(_Objects):
    """Objects of a private bucket."""

    def __init__(self, bucket: Bucket, *, timeout: timedelta, ca_file: Path | None) -> None:
        self._bucket = bucket
        self._timeout = timeout
        self._ca_file = ca_file

    @cached_property
    def _store(self) -> S3Store:  # type: ignore[override]  # opened by its first use
        known = self._bucket
        given = {
            "endpoint": known.endpoint,
            "access_key_id": known.access_key,
            "secret_access_key": known.secret_key,
        }
        named: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        return S3Store(
            known.name,
            prefix=known.prefix,
            region=known.region,
            client_options=self._options(),
            retry_config={"max_retries": RETRIES, "retry_timeout": self._timeout},
            **named,
        )

    def _options(self) -> Any:
        options: dict[str, Any] = {
            "timeout": self._timeout,
            "connect_timeout": self._timeout / 4,
            "allow_http": (self._bucket.endpoint or "").startswith("http://"),
        }
        if self._ca_file is not None:
            options["root_certificate"] = self._ca_file.read_bytes()
        return options

    def put(self, key: str, content: bytes, *, headers: Mapping[str, str]) -> None:
        """Keep these bytes, and what they are served with."""
        with _answering():
            obstore.put(self._store, key, content, attributes=dict(headers), use_multipart=False)

    def put_file(self, key: str, file: BinaryIO, *, headers: Mapping[str, str]) -> None:
        """Keep what is read from a file, in parts, and what it is served with."""
        self._put_file(key, file, attributes=dict(headers))

    def delete(self, keys: Iterable[str]) -> None:
        """Remove these objects, many by one call."""
        with _answering():
            if wanted := list(keys):
                obstore.delete(self._store, wanted)

    def following(self, key: str, *, limit: int) -> Sequence[Stored]:
        """The next objects: a bucket lists them in order, and no more of them than are asked for."""
        with _answering():
            found = islice(self._after(key), limit)
            return [Stored(each["path"], each["last_modified"]) for each in found]

    def link(self, key: str, lifetime: timedelta) -> str | None:
        """An address that the bucket itself opens."""
        return obstore.sign(self._store, "GET", key, lifetime)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing("no such object") from error
    except (BaseError, OSError) as error:
        raise StorageAway(f"the storage does not answer: {type(error).__name__}") from error
