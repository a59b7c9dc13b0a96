"""What is asked of a storage, of each that there is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.media.errors import ObjectMissing, StorageAway
from app.media.gateway.protocol import Storage
from app.media.gateway.stores import Folder, RemoteBucket
from sandbox.ports import free_port
from tests.media.moto_server import MotoServer

HEADERS = {"Content-Type": "image/webp"}


def put(storage: Storage, *keys: str) -> None:
    for key in keys:
        storage.put(key, key.encode(), headers=HEADERS)


def keys(storage: Storage, after: str = "", *, limit: int = 100) -> list[str]:
    return [each.key for each in storage.following(after, limit=limit)]


def test_what_is_put_can_be_got_and_put_anew(storage: Storage) -> None:
    storage.put("originals/1", b"old", headers=HEADERS)
    storage.put("originals/1", bytes(100_000), headers=HEADERS)

    assert storage.get("originals/1") == bytes(100_000)


def test_what_is_not_there_is_missing_and_may_be_deleted(storage: Storage) -> None:
    with pytest.raises(ObjectMissing):
        storage.get("originals/1")

    storage.delete(["originals/1", "originals/2"])
    storage.delete([])


def test_what_is_deleted_is_gone_and_the_rest_stays(storage: Storage) -> None:
    put(storage, "originals/1", "originals/2", "originals/3")

    storage.delete(["originals/1", "originals/nothing", "originals/3"])

    assert keys(storage) == ["originals/2"]


def test_a_folder_has_its_own_keys_only(storage: Storage) -> None:
    put(storage, "sizes/1/a", "sizes/1/b", "sizes/10/a", "sizes/2/a")

    assert sorted(storage.below("sizes/1")) == ["sizes/1/a", "sizes/1/b"]


def test_objects_follow_each_other_in_the_order_of_their_keys(storage: Storage) -> None:
    put(storage, "sizes/2/a", "originals/2", "sizes/1/b", "originals/1", "sizes/1/a")

    steps = [keys(storage, limit=2)]
    while steps[-1]:
        steps.append(keys(storage, steps[-1][-1], limit=2))

    assert steps == [["originals/1", "originals/2"], ["sizes/1/a", "sizes/1/b"], ["sizes/2/a"], []]
    (first, *_) = storage.following("", limit=1)
    assert abs(datetime.now(UTC) - first.written_at) < timedelta(minutes=1)


def test_a_key_leads_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    storage = Folder(tmp_path / "media")

    for key in ("../secret", "originals/../../secret", "/etc/hostname"):
        with pytest.raises((ObjectMissing, ValueError)):
            storage.get(key)


def test_a_folder_that_cannot_be_written_is_away(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file")

    with pytest.raises(StorageAway):
        put(Folder(tmp_path / "media"), "originals/1")


def test_a_bucket_that_does_not_answer_is_away(moto_server: MotoServer) -> None:
    known = moto_server.bucket
    nobody = type(known)(
        name=known.name,
        prefix=None,
        endpoint=f"http://127.0.0.1:{free_port()}",
        region=known.region,
        access_key="key",
        secret_key="secret",
    )
    away = RemoteBucket(nobody, timeout=timedelta(seconds=1), ca_file=None)

    for ask in (
        lambda: put(away, "1"),
        lambda: away.get("1"),
        lambda: away.delete(["1"]),
        lambda: keys(away),
    ):
        with pytest.raises(StorageAway):
            ask()
