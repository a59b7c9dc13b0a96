"""Images that sellers keep: all of what an admin does with a product's, and nothing with anybody else's."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.media.gateway.protocol import Storage
from tests.buyers import make_buyer, shelf
from tests.database import rows
from tests.media.files import photo
from tests.media.keeping import Keeper
from tests.work import drain

STATE = "SELECT i.*, u.status, u.removed_at FROM media_uploads u LEFT JOIN product_images i USING (id)"


@pytest.fixture
def seller(client: FlaskClient, keeper: Keeper) -> Keeper:
    """A seller with a product, beside the one that the admin keeps."""
    person = make_buyer(client, "seller")
    own = UUID(person.get("/v1/users/me").get_json()["id"])
    return Keeper(person, shelf(seller_id=own), "seller")


def test_a_seller_adds_arranges_and_removes(seller: Keeper) -> None:
    first, second = seller.add(photo(color=1), alt="A chair"), seller.add(photo(color=2))

    changed = seller.change(second, primary=True, alt="From above")

    assert (changed.status_code, changed.get_json()["alt"]) == (200, "From above")
    assert [(each["id"], each["primary"], each["alt"]) for each in seller.kept()] == [
        (first, False, "A chair"),
        (second, True, "From above"),
    ]
    shown = {each["id"]: each["sizes"][0]["url"] for each in seller.shown()["images"]}
    assert (sorted(shown), seller.shown()["image"]) == (sorted([first, second]), shown[second])
    removed, again = seller.remove(second), seller.remove(second)
    assert (removed.status_code, again.status_code, drain()) == (204, 404, ["media.erase"])
    assert seller.shown()["image"] == shown[first]


def test_another_sellers_product_has_no_images_and_takes_none(
    seller: Keeper, keeper: Keeper, storage: Storage
) -> None:
    image_id = keeper.add(photo())
    before, stored = rows(STATE), [each.key for each in storage.following("", limit=1000)]
    theirs = Keeper(seller.person, keeper.product, "seller")

    refused = [
        theirs.send(photo(color=9)),
        theirs.change(image_id, alt="Mine"),
        theirs.remove(image_id),
        seller.change(image_id, alt="Mine"),
        seller.remove(image_id),
    ]

    assert [(each.status_code, each.get_json()["type"].rpartition("/")[2]) for each in refused] == [
        (404, "not-found")
    ] * 5
    assert (rows(STATE), [each.key for each in storage.following("", limit=1000)]) == (before, stored)


def test_a_seller_learns_what_is_wrong_with_a_file(seller: Keeper) -> None:
    no_picture, broken = seller.send(b"<svg/>"), seller.send(photo()[:400])
    form = {"content_type": "multipart/form-data", "data": {"alt": "A chair"}}
    nothing = seller.person.client.post(seller.images, headers=seller.person.headers, **form)
    drain()

    assert no_picture.status_code == 415
    assert nothing.status_code == 422
    assert broken.status_code == 201
    (kept,) = seller.kept()
    assert (kept["status"], kept["refusal"], seller.shown()["images"]) == ("refused", "broken", [])
