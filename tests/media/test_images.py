"""Images of a product, from the upload to the cart, in each kind of storage."""

from io import BytesIO

from flask.testing import FlaskClient
from PIL import Image

from app.media.gateway.protocol import Storage
from tests.buyers import make_buyer
from tests.database import count, rows
from tests.media.files import SECRET, from_a_phone, photo
from tests.media.keeping import Keeper
from tests.work import drain

FOR_EVER = "public, max-age=31536000, immutable"


def objects(storage: Storage) -> list[str]:
    return [each.key for each in storage.following("", limit=1000)]


def test_a_picture_is_shown_as_soon_as_its_sizes_are_made(keeper: Keeper, storage: Storage) -> None:
    sent = keeper.send(from_a_phone(), alt="A red chair")
    early = (keeper.shown()["image"], keeper.shown()["images"], keeper.listed(), keeper.kept())
    ran = drain()

    assert (sent.status_code, sent.get_json()["status"], sent.get_json()["url"]) == (201, "uploaded", None)
    assert early == (None, [], None, [sent.get_json()])
    assert ran == ["media.prepare", "catalog.show_picture"]
    (image,) = keeper.shown()["images"]
    small, medium, large = image["sizes"]
    assert (image["id"], image["alt"], image["primary"]) == (sent.get_json()["id"], "A red chair", True)
    assert (image["width"], image["height"], image["url"]) == (300, 400, large["url"])
    assert [(each["name"], each["width"], each["height"]) for each in (small, medium, large)] == [
        ("small", 240, 320),
        ("medium", 300, 400),
        ("large", 300, 400),
    ]
    assert keeper.shown()["image"] == keeper.listed() == small["url"]
    # The same bytes are the same address.
    assert len(objects(storage)) == 3
    assert medium["url"] == large["url"] != small["url"]


def test_a_size_is_served_for_ever_to_everybody_and_tells_nothing_else(keeper: Keeper) -> None:
    keeper.add(from_a_phone())
    url = str(keeper.listed())

    served, again = keeper.fetch(url), keeper.fetch(url, **{"If-None-Match": f'"{url.rpartition("/")[2]}"'})

    headers = served.headers
    assert (served.status_code, headers["Content-Type"], headers["Cache-Control"]) == (
        200,
        "image/webp",
        FOR_EVER,
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert (again.status_code, again.data) == (304, b"")
    with Image.open(BytesIO(served.data)) as shown:
        assert (shown.format, shown.size, dict(shown.getexif())) == ("WEBP", (240, 320), {})
    assert SECRET.encode() not in served.data


def test_an_address_that_is_none_of_ours_leads_nowhere(keeper: Keeper) -> None:
    image_id = keeper.add(photo())
    name = str(keeper.listed()).rpartition("/")[2]

    others = [
        f"/media/{image_id}/{'0' * 32}.webp",
        f"/media/{image_id}/{name[:-5]}.html",
        f"/media/{image_id}/{'..%2f' * 6}%2f..%2fa",
        f"/media/{image_id}/../../originals/{image_id}",
        f"/media/originals/{image_id}",
        f"/media/../originals/{image_id}",
    ]

    assert [keeper.fetch(url).status_code for url in others] == [404, 404, 404, 404, 422, 404]


def test_a_buyer_sees_the_picture_in_the_cart_and_the_order_keeps_it(
    keeper: Keeper, client: FlaskClient, stripe: object
) -> None:
    keeper.add(photo())
    before, buyer = keeper.listed(), make_buyer(client)
    buyer.put(keeper.product)

    order = buyer.check_out().get_json()["order"]
    (item,) = buyer.get("/v1/cart").get_json()["items"]
    keeper.send(photo(color=200), primary="true")
    drain()

    (line,) = buyer.get(f"/v1/orders/{order['id']}").get_json()["lines"]
    assert item["image"] == line["image"] == order["lines"][0]["image"] == before
    assert keeper.listed() != before


def test_images_stand_in_their_order_and_lists_show_the_primary_one(keeper: Keeper) -> None:
    first, second = keeper.add(photo(color=1)), keeper.add(photo(color=2))
    third = keeper.add(photo(color=3), position="0")

    changed = keeper.change(second, primary=True, alt="From above")
    keeper.change(first, position=7, alt=None)

    assert (changed.status_code, changed.get_json()["primary"], changed.get_json()["alt"]) == (
        200,
        True,
        "From above",
    )
    assert [(each["id"], each["primary"], each["position"]) for each in keeper.kept()] == [
        (third, False, 0),
        (second, True, 1),
        (first, False, 7),
    ]
    shown = {each["id"]: each["sizes"][0]["url"] for each in keeper.shown()["images"]}
    assert keeper.listed() == keeper.shown()["image"] == shown[second]
    assert keeper.change(second, primary=False).status_code == 422


def test_what_is_removed_is_erased_and_the_next_one_is_the_primary(keeper: Keeper, storage: Storage) -> None:
    first, second = keeper.add(photo(color=1)), keeper.add(photo(color=2))
    url = str(keeper.listed())

    removed, again = keeper.remove(first), keeper.remove(first)
    ran = drain()

    assert (removed.status_code, again.status_code, ran) == (204, 404, ["media.erase"])
    (left,) = keeper.shown()["images"]
    assert (left["id"], left["primary"], keeper.listed()) == (second, True, left["sizes"][0]["url"])
    assert keeper.fetch(url).status_code == 404
    assert all(second in key for key in objects(storage))
    assert rows("SELECT id::text, removed_at FROM media_uploads") == [(second, None)]
    keeper.remove(second)
    drain()
    assert (keeper.listed(), keeper.shown()["images"], objects(storage)) == (None, [], [])
    assert (count("media_uploads"), count("product_images")) == (0, 0)
