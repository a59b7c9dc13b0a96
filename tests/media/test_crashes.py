"""Whoever dies between two steps, and whatever does not answer: nothing is lost, and nothing stays behind."""

from collections.abc import Callable
from itertools import product

import pytest
from flask import Flask

from app.media.gateway.protocol import Storage
from tests.database import count, rows
from tests.media.dying import Dying, Killed, killed_in
from tests.media.files import photo
from tests.media.keeping import Keeper
from tests.work import drain, make_due

pytestmark = pytest.mark.parametrize("storage", ["folder"], indirect=True)
EDGES = list(product(range(5), (False, True)))
"""More than any of the works has calls of the storage: each is killed before and after."""
Use = Callable[..., Dying]


@pytest.fixture
def use(app: Flask, storage: Storage, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Let everybody use a storage that dies, or is away."""

    def put_before(dying: Dying | None = None, *, away: bool = False) -> Dying:
        dying = dying or Dying(storage, at=-1, away=away)
        monkeypatch.setitem(app.extensions, "media_storage", dying)
        monkeypatch.setattr("tasks.media.storage", lambda: dying)
        return dying

    return put_before


def deaths(use: Use, work: Callable[[Dying], object], heal: Callable[[], object]) -> int:
    """Do the work again and again, and die at each edge of it once, and heal it; the answer is how often."""
    found = 0
    for at, after in EDGES:
        try:
            work(Dying(use().storage, at, after))
        except Killed:
            use()
            make_due()
            heal()
            found += 1
    return found


def objects(storage: Storage) -> set[str]:
    return {each.key for each in storage.following("", limit=1000)}


def test_a_request_that_is_killed_anywhere_can_be_repeated(
    keeper: Keeper, storage: Storage, use: Use
) -> None:
    colors = iter(range(100))
    file = b""

    def work(dying: Dying) -> None:
        nonlocal file
        file = photo(color=next(colors))
        use(dying)
        keeper.send(file)

    assert deaths(use, work, heal=lambda: keeper.send(file)) == 2

    use()
    images = {f"originals/{image['id']}" for image in keeper.kept()}
    assert (count("media_uploads"), objects(storage)) == (len(EDGES), images)
    assert sorted(drain()) == ["catalog.show_picture"] * len(EDGES) + ["media.prepare"] * len(EDGES)


def test_a_worker_that_is_killed_anywhere_leaves_the_work_to_the_next(
    keeper: Keeper, storage: Storage, use: Use
) -> None:
    colors = iter(range(100))

    def work(dying: Dying) -> None:
        keeper.send(photo(1000, 800, color=next(colors)))
        use(dying)
        drain(only=["media.prepare"])

    # The original, and three sizes, before and after each.
    assert deaths(use, work, heal=drain) == 8

    use()
    drain()
    assert {image["status"] for image in keeper.kept()} == {"ready"}
    named = rows("SELECT 'sizes/' || (jsonb_array_elements(sizes) ->> 'key') FROM media_uploads")
    originals = {f"originals/{image['id']}" for image in keeper.kept()}
    assert objects(storage) == {key for (key,) in named} | originals
    assert rows("SELECT topic, count(*) FROM events WHERE topic LIKE 'media.%' GROUP BY 1 ORDER BY 1") == [
        ("media.ready", len(EDGES)),
        ("media.uploaded", len(EDGES)),
    ]


def test_a_worker_that_is_killed_before_it_says_so_makes_the_same_objects_again(
    keeper: Keeper, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.send(photo())

    with killed_in(monkeypatch, "record_ready"):
        drain()
    before = objects(storage)
    make_due()
    drain()

    assert objects(storage) == before
    assert keeper.listed()


def test_who_erases_and_is_killed_anywhere_leaves_nothing_in_the_end(
    keeper: Keeper, storage: Storage, use: Use
) -> None:
    colors = iter(range(100))

    def work(dying: Dying) -> None:
        keeper.remove(keeper.add(photo(color=next(colors))))
        use(dying)
        drain()

    assert deaths(use, work, heal=drain) == 4

    use()
    drain()
    assert (objects(storage), count("media_uploads")) == (set(), 0)


def test_without_the_storage_the_caller_is_told_to_repeat_and_can(
    keeper: Keeper, storage: Storage, use: Use
) -> None:
    use(away=True)
    away = keeper.send(photo())
    use()
    again = keeper.send(photo())

    assert (away.status_code, away.get_json()["type"], again.status_code) == (
        503,
        "/problems/unavailable",
        201,
    )
    assert "Retry-After" in away.headers
    assert count("media_uploads") == 1


def test_without_the_storage_a_worker_tries_again_later(keeper: Keeper, use: Use) -> None:
    keeper.send(photo())
    use(away=True)
    drain()
    noted = rows("SELECT state, failures, last_error FROM deliveries WHERE consumer = 'media.prepare'")
    use()
    make_due()
    drain()

    assert noted == [("pending", 1, "StorageAway: no answer")]
    assert keeper.listed()


def test_without_the_storage_pictures_cannot_be_seen_and_the_shop_goes_on(keeper: Keeper, use: Use) -> None:
    keeper.add(photo())
    url = str(keeper.listed())
    use(away=True)

    assert keeper.fetch(url).status_code == 503
    assert keeper.listed() == url
