"""The picture of a category."""

from typing import Any
from uuid import UUID

import pytest

from app.media.gateway.protocol import Storage
from app.platform.db import transaction
from tests.database import count
from tests.factories import make_category
from tests.media.files import REFUSED, photo
from tests.media.keeping import Keeper
from tests.work import drain

pytestmark = pytest.mark.parametrize("storage", ["folder"], indirect=True)


@pytest.fixture
def shelf() -> UUID:
    with transaction() as session:
        return make_category(session, name="Garden")


def send(keeper: Keeper, shelf: UUID, file: bytes) -> str:
    answer = keeper.send(file, f"/v1/admin/categories/{shelf}/image")
    assert answer.status_code == 202
    return str(answer.get_json()["id"])


def shown(keeper: Keeper) -> Any:
    (item,) = keeper.person.client.get("/v1/categories").get_json()["items"]
    assert keeper.person.client.get("/v1/categories/garden").get_json()["image"] == item["image"]
    return item["image"]


def test_a_category_shows_the_newest_picture_that_can_be_shown(
    keeper: Keeper, shelf: UUID, storage: Storage
) -> None:
    send(keeper, shelf, photo(color=1))
    nothing_yet = shown(keeper)
    drain()
    first = shown(keeper)
    broken = send(keeper, shelf, REFUSED["a truncated PNG"][0])
    drain()
    still = shown(keeper)
    second_id = send(keeper, shelf, photo(color=2))
    drain()

    assert nothing_yet is None
    assert first == still
    assert first not in (None, shown(keeper))
    assert second_id in shown(keeper)
    assert keeper.fetch(shown(keeper)).status_code == 200
    assert keeper.fetch(first).status_code == 404
    assert all(second_id in each.key for each in storage.following("", limit=100))
    assert keeper.person.get(f"/v1/admin/uploads/{broken}").status_code == 404


def test_of_two_at_once_the_newer_one_wins_in_whatever_order_they_are_made(
    keeper: Keeper, shelf: UUID
) -> None:
    older, newer = send(keeper, shelf, photo(color=1)), send(keeper, shelf, photo(color=2))
    drain(only=["media.prepare"])

    # The older one's delivery comes last.
    drain()

    assert newer in shown(keeper)
    assert keeper.person.get(f"/v1/admin/uploads/{older}").status_code == 404


def test_without_its_picture_or_without_the_category_nothing_stays(
    keeper: Keeper, shelf: UUID, storage: Storage
) -> None:
    url = f"/v1/admin/categories/{shelf}"
    send(keeper, shelf, photo(color=1))
    drain()

    removed = keeper.person.client.delete(f"{url}/image", headers=keeper.person.headers)
    after = shown(keeper)
    send(keeper, shelf, photo(color=2))
    deleted = keeper.person.client.delete(url, headers=keeper.person.headers)
    drain()

    assert (removed.status_code, after, deleted.status_code) == (204, None, 204)
    assert (count("media_uploads"), list(storage.following("", limit=1))) == (0, [])


def test_a_category_that_goes_while_its_picture_is_made_ready_is_no_trouble(
    keeper: Keeper, shelf: UUID
) -> None:
    send(keeper, shelf, photo())
    drain(only=["media.prepare"])

    keeper.person.client.delete(f"/v1/admin/categories/{shelf}", headers=keeper.person.headers)

    assert drain() == ["catalog.show_picture", "media.erase"]
    assert count("media_uploads") == 0
