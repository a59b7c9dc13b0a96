"""What was left behind is found, and only that."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.media.gateway.protocol import Storage
from app.media.services import pictures, uploads
from app.media.workflows import erasing
from app.platform import clock
from app.platform.db import transaction
from app.platform.ids import new_id
from tests.database import change, count, rows
from tests.media.dying import killed_in
from tests.media.files import photo
from tests.media.keeping import Keeper
from tests.work import drain, reach

NOTHING = {"Content-Type": "image/webp"}


def objects(storage: Storage) -> list[str]:
    return [each.key for each in storage.following("", limit=1000)]


def days_pass(monkeypatch: pytest.MonkeyPatch, days: int = 2) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=days))
    change("UPDATE media_uploads SET created_at = created_at - make_interval(days => :days)", days=days)


def test_what_belongs_to_no_upload_goes_after_a_day_and_all_else_stays(
    keeper: Keeper, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "LOOKED_AT_ONCE", 2)
    ready = keeper.add(photo(color=1))
    kept = objects(storage)
    for key in (
        f"originals/{new_id()}",
        f"sizes/{new_id()}/a.webp",
        f"sizes/{ready}/old.webp",
        "originals/notes",
    ):
        storage.put(key, b"x", headers=NOTHING)

    reach("media.clean_up")
    drain()
    too_early = objects(storage)
    waiting = keeper.send(photo(color=2)).get_json()["id"]
    days_pass(monkeypatch)
    change("DELETE FROM deliveries WHERE consumer LIKE 'media.%' AND state = 'done'")
    reach("media.clean_up")
    steps = drain(only=["media.sweep"])

    assert len(too_early) == len(kept) + 4
    assert objects(storage) == sorted([*kept, f"originals/{waiting}", "originals/notes"])
    assert len(steps) == 5  # of two objects each, and one that finds no more
    assert rows("SELECT count(*) FROM scheduled_jobs WHERE name = 'media.clean_up'") == [(1,)]
    assert rows("SELECT status FROM media_uploads ORDER BY id") == [("ready",), ("uploaded",)]


@pytest.mark.parametrize("storage", ["folder"], indirect=True)
def test_a_file_that_never_came_is_given_up_after_a_day(
    keeper: Keeper, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with killed_in(monkeypatch, "record_stored"):
        keeper.send(photo())

    reach("media.clean_up")
    drain()
    too_early = (rows("SELECT status FROM media_uploads"), len(objects(storage)))
    days_pass(monkeypatch)
    change("DELETE FROM deliveries WHERE consumer LIKE 'media.%'")
    reach("media.clean_up")
    drain()

    assert too_early == ([("expected",)], 1)
    assert (count("media_uploads"), objects(storage)) == (0, [])


@pytest.mark.parametrize("storage", ["folder"], indirect=True)
def test_what_is_removed_while_its_sizes_are_made_is_never_shown_and_goes(
    keeper: Keeper, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = keeper.send(photo()).get_json()["id"]
    made = pictures.render

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        keeper.remove(image_id)
        drain(only=["media.erase"])
        return made(*args, **kwargs)

    monkeypatch.setattr(pictures, "render", meanwhile)
    drain(only=["media.prepare"])
    left_behind = objects(storage)
    days_pass(monkeypatch)
    reach("media.clean_up")
    drain()

    assert len(left_behind) == 2  # sizes, whose addresses nobody was told
    assert (objects(storage), count("media_uploads"), keeper.listed()) == ([], 0, None)
    assert rows("SELECT state FROM deliveries WHERE consumer = 'media.prepare'") == [("done",)]


@pytest.mark.parametrize("storage", ["folder"], indirect=True)
def test_what_is_removed_while_its_sizes_are_made_is_erased_with_them(
    keeper: Keeper, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = keeper.send(photo()).get_json()["id"]
    made = pictures.render

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        keeper.remove(image_id)
        return made(*args, **kwargs)

    monkeypatch.setattr(pictures, "render", meanwhile)
    drain(only=["media.prepare"])
    status = rows("SELECT status FROM media_uploads")
    ran = drain()

    assert (status, ran) == ([("uploaded",)], ["media.erase"])
    assert (objects(storage), count("media_uploads")) == ([], 0)


@pytest.mark.parametrize("storage", ["folder"], indirect=True)
def test_another_kind_of_subject_has_uploads_of_its_own(keeper: Keeper, storage: Storage) -> None:
    image_id = keeper.add(photo())
    with transaction() as session:
        other = uploads.expect(session, subject_kind="review", subject_id=keeper.product.id, content=photo())
        uploads.remove_of(session, subject_kind="review", subject_id=keeper.product.id)
    drain()

    assert other.id != UUID(image_id)
    assert rows("SELECT id FROM media_uploads") == [(UUID(image_id),)]
